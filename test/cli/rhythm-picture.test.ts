import { describe, expect, it } from 'vitest';
import { rhythmPicture } from '../../src/cli/rhythm-picture.js';

const kinds = { burst: 17, think: 3, distracted: 0 };

describe('rhythmPicture', () => {
  it('draws the shorter interval lower, on a log scale from 20 ms to 5 s', () => {
    const [line] = rhythmPicture({ intervalsMs: [1, 20, 100, 330, 1000, 5000, 60_000], ...kinds });
    expect(line).toBe('rhythm      ▁▁▃▅▆██');
  });

  it('draws the three kinds of pause to one scale, and none as nothing', () => {
    const lines = rhythmPicture({ intervalsMs: [], ...kinds });
    expect(lines).toEqual([
      `burst       < 200 ms ${'█'.repeat(24)} 17`,
      `think       < 1.5 s  ${'█'.repeat(4)} 3`,
      'distracted  > 1.5 s  0',
    ]);
  });

  it('says that it does not know where it does not', () => {
    expect(rhythmPicture({ intervalsMs: [], burst: null, think: null, distracted: null })[0]).toBe(
      'burst       < 200 ms -',
    );
  });

  it('fits the terminal, whatever the number of keys, and loses no long pause doing so', () => {
    const intervalsMs = Array.from({ length: 10_000 }, (_, at) => (at === 5000 ? 9000 : 50));
    const lines = rhythmPicture({ intervalsMs, ...kinds }, 60);
    for (const line of lines) expect(Array.from(line).length).toBeLessThanOrEqual(60);
    expect(lines[0]).toContain('█');
  });
});
