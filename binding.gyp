# What `npm install` builds with gcc, g++, make and python3 alone: the core, the addon, and a login-session linked
# statically with the system's own libc (scripts/build-shell replaces it by the smaller musl one where musl-gcc is).
# Sources are listed from their folders: a new file needs no line here.
{
  'variables': {
    'c_flags': [
      '-std=c11', '-D_GNU_SOURCE', '-pthread', '-O2', '-g0',
      '-Wall', '-Wextra', '-Wshadow', '-Wvla', '-Wwrite-strings', '-Wformat=2',
      '-fstack-protector-strong', '-fno-strict-aliasing', '-D_FORTIFY_SOURCE=2',
    ],
  },
  'target_defaults': {
    # Node's own build flags that do not belong into a small recorder.
    'cflags!': ['-O3', '-fno-omit-frame-pointer', '-Wno-unused-parameter'],
  },
  'targets': [
    {
      'target_name': 'sr_core',
      'type': 'static_library',
      'sources': ['<!@(ls native/core/*.c)'],
      'include_dirs': ['native/core'],
      'cflags': ['<@(c_flags)', '-fPIC', '-fvisibility=hidden'],
      'direct_dependent_settings': {'include_dirs': ['native/core']},
    },
    {
      'target_name': 'decnet_native',
      'dependencies': ['sr_core'],
      'sources': ['<!@(ls native/addon/*.cc)'],
      'include_dirs': ['<!@(node -p "require(\'node-addon-api\').include_dir")'],
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS', 'NODE_ADDON_API_DISABLE_DEPRECATED',
                  'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
      'cflags': ['-Wall', '-Wextra', '-fvisibility=hidden', '-O2', '-g0'],
      'cflags_cc': ['-std=c++17', '-fno-exceptions', '-fno-rtti'],
      # --exclude-libs: the core's names stay inside, whatever other addons bring along.
      'ldflags': ['-pthread', '-Wl,-z,relro', '-Wl,-z,now', '-Wl,--exclude-libs,ALL'],
    },
    {
      'target_name': 'login-session',
      'type': 'executable',
      'dependencies': ['sr_core'],
      'sources': ['<!@(ls native/shell/*.c)'],
      'cflags': ['<@(c_flags)', '-fPIE'],
      'ldflags!': ['-rdynamic'],
      'ldflags': ['-static-pie', '-pthread', '-s', '-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack', '-Wl,--gc-sections'],
    },
  ],
}
