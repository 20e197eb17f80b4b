import { describe, expect, it } from 'vitest';
import { judgeDecky, type DeckyEvidence, type SeenContainer } from '../../src/deploy/judge-decky.js';

const up = (service: 'ssh' | 'telnet', more: Partial<SeenContainer> = {}): SeenContainer => ({
  ...{ service, name: `omega-${service}`, id: 'a1', running: true, run: 'r1', drift: null },
  ...more,
});
const evidence = (more: Partial<DeckyEvidence> = {}): DeckyEvidence => ({
  ...{ containers: [up('ssh'), up('telnet')], trouble: null, proof: { at: 1, problem: null } },
  ...more,
});
const down = [up('ssh', { running: false }), up('telnet', { running: false })];
const was = (state: 'healthy' | 'blind' | 'stopped' | 'failed', reason: string | null = null) => ({ state, reason });

describe('what state a decky is in', () => {
  it.each([
    ['a login was recorded whole', was('blind', 'x'), evidence(), { state: 'healthy', reason: null }],
    ['a login was not', null, evidence({ proof: { at: 1, problem: 'no end' } }), { state: 'blind', reason: 'no end' }],
    ['what is seen to be wrong outweighs a login', null, evidence({ trouble: 't' }), { state: 'blind', reason: 't' }],
    [
      'a container is not as deployed',
      null,
      evidence({ containers: [up('ssh'), up('telnet', { drift: 'privileged' })] }),
      { state: 'blind', reason: 'telnet: privileged' },
    ],
    ['nobody has logged in yet', null, evidence({ proof: null }), { state: 'deploying', reason: null }],
    [
      'the agent is new: it is what it was',
      was('blind', 'x'),
      evidence({ proof: null }),
      { state: 'blind', reason: 'x' },
    ],
    ['started again after a stop', was('stopped'), evidence({ proof: null }), { state: 'deploying', reason: null }],
    [
      'down by itself',
      was('healthy'),
      evidence({ containers: down }),
      { state: 'failed', reason: 'ssh and telnet is not running' },
    ],
    [
      'stopped on purpose',
      was('stopped', 'by order'),
      evidence({ containers: down }),
      { state: 'stopped', reason: 'by order' },
    ],
    [
      'half of a stopped one runs',
      was('stopped'),
      evidence({ containers: [up('ssh'), down[1]!] }),
      { state: 'failed', reason: 'telnet is not running' },
    ],
    [
      'a container is missing',
      was('healthy'),
      evidence({ containers: [up('ssh', { id: null, running: false }), up('telnet')] }),
      { state: 'failed', reason: 'ssh has no container' },
    ],
  ])('%s', (_, before, seen, judged) => {
    expect(judgeDecky(before, seen)).toEqual(judged);
  });
});
