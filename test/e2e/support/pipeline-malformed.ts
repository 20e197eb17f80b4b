/** Lines that are no log line, or not the one that they look like: what a decky can write to its own stream. */
export function malformedLines(): Buffer[] {
  const time = '2026-11-23T11:35:07.627773+00:00';
  const head = `<134>1 ${time} omega sessrec -`;
  const sid = '0a1b2c3d-4e5f-4a6b-8c7d-8e9f00112233';
  const texts = [
    '',
    ' ',
    'no log line at all',
    '<134>1 ',
    `<999>1 ${time} omega sessrec - session_started - x`,
    `<-1>1 ${time} omega sessrec - - - x`,
    `<134>99999999999 ${time} omega sessrec - - - x`,
    '<134>1 2026-99-99T99:99:99.999999+99:99 omega sessrec - session_started - x',
    '<134>1 9999-12-31T23:59:59.999999Z omega sessrec - session_started - x',
    '<134>1 0000-01-01T00:00:00Z omega sessrec - session_started - x',
    `${head} session_started [relay@55555 sid="${sid}`,
    `${head} session_started [relay@55555 sid="${sid}\\`,
    `${head} session_started [relay@55555 sid=${sid}]`,
    `${head} session_started [relay@55555 sid="a" sid="b"]`,
    `${head} session_started []`,
    `${head} session_started [[[[[[`,
    `${head} session_started ${'[a b="c"]'.repeat(400)}`,
    `${head} session_started [relay@55555${' k="v"'.repeat(600)}]`,
    `${head} session_recorded [relay@55555 sid="${sid}" lines="-1" bytes="1e309" sha256="zz" duration_s="NaN" shard="../../../x"]`,
    `${head} session_recorded [relay@55555 sid="${sid}" lines="99999999999999999999" bytes="9" sha256="${'0'.repeat(64)}" shard="a"]`,
    `${head} session_checkpoint [relay@55555 sid="../../etc/passwd" lines="1" bytes="1" sha256="${'0'.repeat(64)}" shard="a"]`,
    `${head} session_started [relay@55555 sid="${sid.toUpperCase()}" service="ssh" src_ip="; drop table logs" user="a" tty="-" shard="a" protected="b"]`,
    `${head} session_started [relay@55555 sid="${sid}" service="../.." src_ip="999.1.1.1" user="${'u'.repeat(3000)}" tty="\u001b]0;x\u0007" shard="" protected=""]`,
    `${head} session_skipped [relay@55555 reason="\u202etxt\u0000" service="ssh" src_ip="-" user="-"]`,
    `12 ${head} - - short count`,
    `99999999999999999999 ${head} - - long count`,
    `1048577 ${head} - - just too long`,
    `0 ${head} - - none`,
    `\u001b[2J\u001b]52;c;aGVsbG8=\u0007 ${head}`,
    `\ufeff${head} - - \ufeffBOM`,
    `{"log":"${head} - - engine json\\n","stream":"stdout","time":"${time}"}`,
    'A'.repeat(1024 * 1024),
    `${head} - - ${'\u00e4'.repeat(600_000)}`,
    '\r',
    '\u2028\u2029\u0085',
    '\0'.repeat(70_000),
  ];
  const bytes = [[0xff, 0xfe, 0x00, 0x80], [0xc3], [0xf0, 0x9f, 0x92], Array<number>(5000).fill(0xed)];
  return [
    ...texts.map((text) => Buffer.from(`${text}\n`)),
    ...bytes.map((list) => Buffer.from([...list, 10])),
    Buffer.concat([Buffer.from(`${head} - - `), Buffer.from([0xc0, 0x80, 0xff, 10])]),
  ];
}
