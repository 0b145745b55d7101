#!/usr/bin/env bash
# need.sh THING… sees to it that the things are installed: postgres, chromium, fonts, pdftools, peers, node.
#
# On Debian and Ubuntu it installs what is missing, as root or through sudo. Elsewhere, and where it may not, it says
# what to install and fails. What is there already costs nothing: no package list is read.
set -euo pipefail

have_postgres() {
  [ -n "${DATABASE_URL:-}${DIGIT_TEST_SERVER:-}" ] && return 0
  local dir
  for dir in $(dirname "$(readlink -f "$(command -v postgres || echo /nonexistent/x)")") \
    /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* /opt/homebrew/opt/postgresql@*/bin \
    /usr/local/opt/postgresql@*/bin /Applications/Postgres.app/Contents/Versions/*/bin /opt/local/lib/postgresql*/bin \
    /usr/local/pgsql/bin; do
    [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && return 0
  done
  return 1
}

have_chromium() {
  [ -n "${DIGIT_CHROMIUM:-}" ] && return 0
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && return 0
  done
  [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

have_fonts() {
  [ -d /usr/share/fonts/truetype/noto ] || [ "$(uname -s)" = Darwin ]
}

# What looks at the PDFs the tests make: qpdf, poppler and a reader of QR codes.
have_pdftools() {
  command -v qpdf >/dev/null && command -v pdftotext >/dev/null && command -v pdftoppm >/dev/null && command -v zbarimg >/dev/null
}

# The outside programs that the tests set against ours: a directory server, a reckoner of one-time codes, a security
# module in software, a scanner of files, a scanner of TLS.
have_peers() (
  PATH="$PATH:/usr/sbin:/usr/local/sbin"
  command -v slapd >/dev/null && command -v oathtool >/dev/null && command -v softhsm2-util >/dev/null && command -v clamd >/dev/null &&
    command -v sslscan >/dev/null
)

have_node() {
  command -v node >/dev/null && command -v npm >/dev/null
}

# What each thing is called, by package manager, for apt and for people.
package() {
  case "$1:$2" in
    postgres:apt) echo postgresql ;;
    postgres:dnf) echo postgresql-server postgresql-contrib ;;
    postgres:apk) echo postgresql17 postgresql17-contrib ;;
    postgres:brew) echo postgresql@17 ;;
    chromium:brew) echo --cask chromium ;;
    chromium:*) echo chromium ;;
    fonts:apt) echo fonts-noto-core ;;
    fonts:dnf) echo google-noto-sans-arabic-fonts ;;
    fonts:apk) echo font-noto-arabic ;;
    pdftools:apt) echo qpdf poppler-utils zbar-tools ;;
    pdftools:dnf) echo qpdf poppler-utils zbar ;;
    pdftools:apk) echo qpdf poppler-utils zbar ;;
    pdftools:brew) echo qpdf poppler zbar ;;
    peers:apt) echo slapd ldap-utils oathtool softhsm2 clamav-daemon sslscan ;;
    peers:dnf) echo openldap-servers openldap-clients oathtool softhsm clamd sslscan ;;
    peers:apk) echo openldap openldap-clients oath-toolkit-oathtool softhsm clamav-daemon sslscan ;;
    peers:brew) echo openldap oath-toolkit softhsm clamav sslscan ;;
    node:brew) echo node ;;
    node:*) echo nodejs npm ;;
    *) echo "$1" ;;
  esac
}

# As root, or through sudo; without a terminal sudo must not ask for a password.
privileged() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

may_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" = 0 ] && return 0
  command -v sudo >/dev/null || return 1
  [ -t 0 ] || sudo -n true 2>/dev/null
}

# Debian's package would make and start a database server for the whole machine the moment it is installed. DIGIT runs
# one of its own and nobody asked for another, so it is told not to. A machine that has the package keeps its ways.
no_system_cluster() {
  dpkg -s postgresql-common >/dev/null 2>&1 && return 0
  [ -e /etc/postgresql-common/createcluster.conf ] && return 0
  privileged mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" | privileged tee /etc/postgresql-common/createcluster.conf >/dev/null
}

# The same for the directory server: without a configuration it does not start.
no_system_directory() {
  dpkg -s slapd >/dev/null 2>&1 && return 0
  echo "slapd slapd/no_configuration boolean true" | privileged debconf-set-selections
}

# And for the scanner, which would fetch signatures for ever and hold a gigabyte of memory: the tests bring one of their own.
no_system_scanner() {
  dpkg -s clamav-daemon >/dev/null 2>&1 && return 0
  [ -d /run/systemd/system ] || return 0
  privileged systemctl mask clamav-daemon.service clamav-daemon.socket clamav-freshclam.service
}

apt_install() {
  local try
  for try in 1 2; do
    # Mirrors fail now and then, and a list from an old image names packages that are gone: update, and try twice.
    if privileged apt-get -q update </dev/null &&
      privileged env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold \
        install --no-install-recommends "$@" </dev/null; then
      return 0
    fi
    [ "$try" = 2 ] || { echo "need.sh: apt-get failed; trying once more" >&2; sleep 5; }
  done
  return 1
}

say_what() {
  local thing manager=apt how="sudo apt-get install"
  if command -v brew >/dev/null; then manager=brew how="brew install"
  elif command -v dnf >/dev/null; then manager=dnf how="sudo dnf install"
  elif command -v apk >/dev/null; then manager=apk how="apk add"
  fi
  echo "Please install what is missing here:" >&2
  for thing in "$@"; do
    echo "    $how $(package "$thing" "$manager")" >&2
  done
}

main() {
  local thing missing=() packages=()
  for thing in "$@"; do
    case "$thing" in
      postgres | chromium | fonts | pdftools | peers | node) ;;
      *) echo "need.sh: unknown thing $thing (known: postgres, chromium, fonts, pdftools, peers, node)" >&2; exit 2 ;;
    esac
    "have_$thing" || missing+=("$thing")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0

  if may_install; then
    echo "Installing what is missing: ${missing[*]}" >&2
    for thing in "${missing[@]}"; do
      # shellcheck disable=SC2207 # a thing may be several packages
      packages+=($(package "$thing" apt))
      [ "$thing" != postgres ] || no_system_cluster
      [ "$thing" != peers ] || { no_system_directory; no_system_scanner; }
    done
    if apt_install "${packages[@]}" >&2; then return 0; fi
  fi
  if [ "${missing[*]}" = postgres ] && command -v npm >/dev/null; then
    echo "PostgreSQL is not installed and cannot be from here; DIGIT will fetch one with npm." >&2
    return 0
  fi
  say_what "${missing[@]}"
  return 1
}

main "$@"
