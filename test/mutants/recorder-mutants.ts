import type { Mutant } from './mutant.js';

/** What the recorder must not do, each with the test that stands against it. */
export const RECORDER_MUTANTS: readonly Mutant[] = [
  {
    name: 'what the shell wrote right before its end is not drained',
    edits: [{ file: 'native/core/relay.c', from: 'sr_relay_drain(r, &r->out, SR_CH_OUT)', to: '0' }],
    caughtBy: {
      kind: 'ts',
      group: 'bash',
      file: 'test/e2e/ways-out.test.ts',
      // Deterministic: the client reads nothing, so what the shell wrote last is still in its terminal when it ends.
      title:
        'a client that reads nothing holds the end for 2 s at most; the recording is whole and counts what it did not get',
    },
  },
  {
    name: 'the exit status is ignored',
    edits: [
      {
        file: 'native/core/relay.c',
        from: 'result->status = WEXITSTATUS(r->wait_status);',
        to: 'result->status = 0;',
      },
    ],
    caughtBy: { kind: 'ts', group: 'bash', file: 'test/e2e/ways-out.test.ts', title: 'exit 127 is mirrored' },
  },
  {
    name: 'input is forwarded, then recorded',
    edits: [
      {
        file: 'native/core/relay-input.c',
        from: `        if (in->off == in->mark && relay_record_piece(r))
            return RELAY_OVER;
        ssize_t n = sr_port_write`,
        to: `        bool fresh = in->off == in->mark;
        size_t from = in->mark;
        if (fresh)
            in->mark = relay_piece_end(r);
        ssize_t n = sr_port_write`,
      },
      {
        file: 'native/core/relay-input.c',
        from: '        in->off += (size_t)n;\n',
        to: `        in->off += (size_t)n;
        if (fresh && r->o.record &&
            sr_record_data(r->o.record, in->t_ns, SR_CH_IN, in->data + from, in->mark - from, relay_is_noecho(r)))
            return RELAY_OVER;
`,
      },
    ],
    caughtBy: {
      kind: 'c',
      file: 'native/test/test-relay-order.c',
      title: 'what is typed is in the shard before the shell takes it',
    },
  },
  {
    name: 'a character cut by a read is not carried to the next',
    edits: [{ file: 'native/core/record.c', from: 'tail = sr_utf8_tail(bytes, n);', to: 'tail = 0;' }],
    caughtBy: {
      kind: 'ts',
      group: 'bash',
      file: 'test/e2e/relay-bytes.test.ts',
      title: 'characters split over reads are whole in the shard, wherever they are split',
    },
  },
  {
    name: 'the outer terminal is not exclusive',
    edits: [{ file: 'native/shell/outer.c', from: 'ioctl(fd, TIOCEXCL);', to: '' }],
    caughtBy: {
      kind: 'ts',
      group: 'uid',
      file: 'test/e2e/relay-terminal.test.ts',
      title: 'nobody opens the outer terminal beside the recorder while the shell runs',
    },
  },
  {
    name: 'the relay keeps its rights',
    edits: [
      {
        file: 'native/shell/session.c',
        from: 'int rc = sr_identity_become_relay(&l->id);',
        to: 'int rc = 0;',
      },
    ],
    caughtBy: {
      kind: 'ts',
      group: 'uid',
      file: 'test/e2e/uid-signals.test.ts',
      title: "the recorder's only ids are its own, without groups, and it can gain no rights",
    },
  },
  {
    name: 'the relay runs as the user, who may signal it',
    edits: [
      {
        file: 'native/shell/identity.c',
        from: '    id->relay_uid = SR_RELAY_UID;\n',
        to: '    id->relay_uid = id->uid;\n',
      },
      { file: 'native/shell/identity.c', from: 'id->relay_uid = st.st_uid;', to: '' },
    ],
    caughtBy: {
      kind: 'ts',
      group: 'uid',
      file: 'test/e2e/uid-signals.test.ts',
      title: 'signals to every recorder above the shell give EPERM, and nothing of it can be read',
    },
  },
  {
    name: 'nobody asks whether the terminal echoes',
    edits: [
      {
        file: 'native/core/relay-input.c',
        from: 'bool noecho = relay_is_noecho(r);',
        to: 'bool noecho = false && relay_is_noecho(r);',
      },
    ],
    caughtBy: {
      kind: 'ts',
      group: 'bash',
      file: 'test/e2e/relay-terminal.test.ts',
      title: 'what is typed without echo is marked, what a raw program reads is not',
    },
  },
  {
    name: 'the line after a torn one starts without LF',
    edits: [{ file: 'native/core/shard.c', from: '        s->torn = true;\n', to: '' }],
    caughtBy: {
      kind: 'c',
      file: 'native/test/test-shard.c',
      title: 'after a short write the next line starts with LF',
    },
  },
  {
    name: 'a line is written by two write() calls',
    edits: [
      {
        file: 'native/core/shard.c',
        from: ': write(s->fd, line, len);',
        to: ': write(s->fd, line, len / 2) + write(s->fd, line + len / 2, len - len / 2);',
      },
    ],
    caughtBy: { kind: 'ts', group: 'burst', file: 'test/e2e/burst.test.ts', title: '200 at once' },
  },
  {
    name: 'the digest leaves out what is not output',
    edits: [
      {
        file: 'native/core/writer-disk.c',
        from: '        sr_sha256_update(&w->digest, line, len);',
        to: '        if (kind == SR_WRITER_OUTPUT)\n            sr_sha256_update(&w->digest, line, len);',
      },
    ],
    caughtBy: {
      kind: 'c',
      file: 'native/test/test-record.c',
      title: 'the end line states count and digest of all before it',
    },
  },
  {
    name: 'input and output are paid from one purse',
    edits: [
      {
        file: 'native/core/record.c',
        from: 'uint64_t *left = record_is_output(ch) ? &r->left_output : &r->left_other;',
        to: 'uint64_t *left = ch ? &r->left_output : &r->left_other;',
      },
    ],
    caughtBy: { kind: 'c', file: 'native/test/test-record.c', title: 'a flood of output does not cost a key' },
  },
];
