# Sourced by the scripts that must run on a fresh clone: what they need, brought about step by step.
# Nothing here needs more than bash, Node and coreutils; apt-get is used only by root, and not with DECNET_APT=no.
# Call from the root of the checkout.

setup_say() { printf 'decnet: %s\n' "$*" >&2; }

setup_die() {
  setup_say "$1"
  [ -z "${2:-}" ] || printf '  next: %s\n' "$2" >&2
  exit 1
}

setup_has() { PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# What of "program:package" is missing here, as package names.
setup_missing() {
  local pair
  for pair in "$@"; do
    case ${pair%%:*} in
      /*) [ -e "${pair%%:*}" ] || printf '%s\n' "${pair#*:}" ;;
      *) setup_has "${pair%%:*}" || printf '%s\n' "${pair#*:}" ;;
    esac
  done | tr ' ' '\n' | sort -u | paste -sd ' ' -
}

setup_may_apt() { [ "$(id -u)" = 0 ] && [ "${DECNET_APT:-yes}" != no ] && setup_has apt-get; }

# Installs packages without starting their daemons. 0 when all are there.
setup_apt() {
  local policy=/usr/sbin/policy-rc.d made_policy='' status=0
  setup_say "installing Debian packages: $*"
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && made_policy=1
  fi
  export DEBIAN_FRONTEND=noninteractive
  # A first failure may only mean old package lists.
  apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1 ||
    { apt-get update -qq </dev/null >/dev/null &&
      apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null; } || status=1
  [ -z "$made_policy" ] || rm -f "$policy"
  return "$status"
}

# A compiler and what node-gyp needs; stops where they cannot be had.
setup_toolchain() {
  local missing
  setup_has node || setup_die 'Node.js is missing' 'install Node 20.19 or newer'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    setup_die "Node $(node -v) is too old" 'install Node 20.19 or newer'
  missing=$(setup_missing gcc:gcc g++:g++ make:make python3:python3 /usr/include/stdio.h:libc6-dev)
  if [ -n "$missing" ] && setup_may_apt; then
    # shellcheck disable=SC2086 # a list of words
    setup_apt $missing || true
    missing=$(setup_missing gcc:gcc g++:g++ make:make python3:python3 /usr/include/stdio.h:libc6-dev)
  fi
  [ -z "$missing" ] || setup_die "cannot build the recorder: missing: $missing" "as root: apt-get install $missing"

  # All cores at work on the native part.
  export JOBS=${JOBS:-max}

  # Node's own headers, where it came with them: then nothing has to be downloaded.
  if [ -z "${npm_config_nodedir:-}" ]; then
    local prefix
    prefix=$(node -p 'require("node:path").dirname(require("node:path").dirname(process.execPath))')
    if [ -e "$prefix/include/node/node_api.h" ]; then export npm_config_nodedir=$prefix; fi
  fi
}

# What `npm run prebuild` needs to compile for the architecture that this machine is not of, as package names.
setup_missing_cross() {
  local triple=aarch64-linux-gnu package=aarch64-linux-gnu arch=arm64
  if [ "$(uname -m)" = aarch64 ]; then triple=x86_64-linux-gnu package=x86-64-linux-gnu arch=amd64; fi
  setup_missing "$triple-gcc:gcc-$package" "$triple-g++:g++-$package" "/usr/$triple/include/stdio.h:libc6-dev-$arch-cross" file:file
}

# What the end-to-end groups and the C checks need; a group whose package cannot be had says so itself.
setup_test_packages() {
  local missing
  missing=$(setup_missing sshd:openssh-server ssh:openssh-client /usr/lib/openssh/sftp-server:openssh-sftp-server \
    telnetd:inetutils-telnetd telnet:inetutils-telnet rsyslogd:rsyslog tmux:tmux vim:vim less:less rsync:rsync strace:strace \
    sudo:sudo setpriv:util-linux mount:mount mke2fs:e2fsprogs ps:procps script:bsdutils \
    podman:podman conmon:conmon runc:runc dockerd:docker.io docker-compose:docker-compose iptables:iptables busybox:busybox-static mmdebstrap:mmdebstrap \
    cmake:cmake 'clang:clang libclang-rt-dev' clang-format:clang-format \
    musl-gcc:musl-tools nm:binutils openssl:openssl qemu-aarch64-static:qemu-user-static)
  missing="$missing $(setup_missing_cross)" && missing=${missing# } && missing=${missing% }
  [ -n "$missing" ] || return 0
  if setup_may_apt; then
    # shellcheck disable=SC2086
    setup_apt $missing || setup_say 'not every package could be installed; what needs it is skipped below, with its reason'
  else
    setup_say "not installed (only root can): $missing"
  fi
}

# node_modules as the lockfile has it.
setup_modules() {
  local log stale
  stale=$(node scripts/modules-fresh.mjs) && return 0
  setup_say "installing npm packages ($stale); SQLite is compiled, which takes a minute or two"
  log=$(mktemp)
  if ! npm ci --no-audit --no-fund --loglevel=error </dev/null >"$log" 2>&1; then
    cat "$log" >&2
    local next=''
    if grep -qE 'ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET' "$log"; then next='check the network, then run this again'; fi
    rm -f "$log"
    setup_die 'npm ci failed: see above' "$next"
  fi
  rm -f "$log"
}

# The addon, login-session and dist/; quiet unless it fails.
setup_build() {
  local log
  log=$(mktemp)
  if ! npm run --silent build </dev/null >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    setup_die 'the build failed: see above'
  fi
  rm -f "$log"
}
