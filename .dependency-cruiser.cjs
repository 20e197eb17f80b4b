/**
 * The arrows of the house: which room may import which. `npm run arrows` holds them; CONTRIBUTING.md says why.
 * The C side's arrows are in scripts/c-arrows.ts.
 */

const { floors: FLOORS, pureRooms: PURE } = require('./scripts/floors.cjs');

/** What a pure room may take from Node: data types and hashing. */
const PURE_CORE_MODULES = '^(node:)?(buffer|crypto|string_decoder)$';

/** Exceptions within floor 0, which otherwise imports nothing of ours. */
const FLOOR_0_MAY_IMPORT = { std: ['errors'], native: ['errors'], contract: [], errors: [] };

/** The one room that knows a package; the others ask that room. */
const ONE_ROOM_PACKAGES = {
  commander: 'cli',
  'smol-toml': 'config',
  'node-gyp-build': 'native',
  'better-sqlite3': 'store',
};

/** A room is a folder of src/ or, like errors.ts, one file. */
const pathOf = (rooms) => `^src/(${rooms.join('|')})(/|\\.ts$)`;

const mayImport = (room, floor) => {
  if (floor === 0) return FLOOR_0_MAY_IMPORT[room];
  const below = FLOORS.slice(0, floor).flat();
  return PURE.includes(room) ? FLOORS[0].filter((name) => name !== 'native') : below;
};

const floorRules = FLOORS.flatMap((rooms, floor) =>
  rooms.map((room) => ({
    name: `${room}-looks-down`,
    comment: `Floor ${floor}: ${room} may import ${['itself', ...mayImport(room, floor)].join(', ')}.`,
    severity: 'error',
    from: { path: pathOf([room]) },
    to: { path: '^src/', pathNot: pathOf([room, ...mayImport(room, floor)]) },
  })),
);

const packageRules = Object.entries(ONE_ROOM_PACKAGES).map(([name, room]) => ({
  name: `${name}-stays-in-${room}`,
  severity: 'error',
  from: { path: '^src/', pathNot: pathOf([room]) },
  to: { path: `node_modules/(@types/)?${name}/` },
}));

module.exports = {
  forbidden: [
    ...floorRules,
    ...packageRules,
    {
      name: 'pure-rooms-are-pure',
      comment: 'Think purely, act at the edge: no files, processes, timers or sockets.',
      severity: 'error',
      from: { path: pathOf(PURE) },
      to: { dependencyTypes: ['core'], pathNot: PURE_CORE_MODULES },
    },
    {
      name: 'contract-imports-only-zod',
      severity: 'error',
      from: { path: pathOf(['contract']) },
      to: { pathNot: '^src/contract/|node_modules/zod/' },
    },
    {
      name: 'workers-never-meet',
      severity: 'error',
      from: { path: '^src/workers/([^/]+)/' },
      to: { path: '^src/workers/([^/]+)/', pathNot: '^src/workers/$1/' },
    },
    {
      name: 'the-public-door-is-outward',
      comment: 'index.ts re-exports; nothing inside comes in by the front door, and the front door is no program.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/index\\.ts$' },
    },
    {
      name: 'the-public-door-is-no-program',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: pathOf(['cli', 'workers', 'api']) },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-unreachable',
      comment: 'What neither the program nor the public door reaches is dead.',
      severity: 'error',
      from: { path: '^src/(index|cli/main)\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(index|cli/main)\\.ts$', reachable: false },
    },
    {
      name: 'product-imports-product',
      comment: 'src/ takes nothing from tests, benches, scripts or development packages.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'no-development-package',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|build|native|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
