/** The house's rooms, floor by floor: the one list that the arrow check, eslint and test/house read. */
exports.floors = [
  ['contract', 'errors', 'std', 'native'],
  ['config', 'bus', 'store', 'shard', 'spool', 'transcript', 'keystroke', 'syslog', 'correlate', 'topology'],
  ['services', 'deploy'],
  ['workers', 'api'],
  ['cli'],
];

/** Rooms of floor 1 that touch neither files, clock, chance, net nor the addon. */
exports.pureRooms = ['transcript', 'keystroke', 'syslog', 'correlate', 'topology'];
