#!/bin/sh
# Install Bangfu from this folder alone; no network is used.   ./install.sh [FOLDER]
# 只用本文件夹安装 Bangfu，不需要任何网络。                      ./install.sh [安装目录]
set -eu
umask 022
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
say() { printf '%s\n' "$@" >&2; }
refuse() { say "$@"; exit 1; }

if [ "$#" -gt 1 ] || [ "${1:-}" = -h ] || [ "${1:-}" = --help ]; then
  say "用法 usage: $0 [安装目录 FOLDER]（root 默认 /opt/bangfu，其他用户默认 ~/bangfu）"
  exit 2
fi
if [ "$(uname -s) $(uname -m)" != "Linux x86_64" ]; then
  refuse "本安装包只用于 x86-64 的 Linux，这里是 $(uname -s) $(uname -m)。" \
    "This folder is for Linux on x86-64; this machine is $(uname -s) $(uname -m)."
fi
glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null || echo "none")
case $glibc in
  "glibc 2."*) minor=${glibc#glibc 2.}; minor=${minor%%.*} ;;
  *) minor=0 ;;
esac
if [ "$minor" -lt 28 ]; then
  refuse "需要 glibc 2.28 或更新的系统，这里是：$glibc。请换用较新的 Linux。" \
    "glibc 2.28 or newer is needed; here is: $glibc. Take a newer Linux."
fi

say "核对安装包 checking this folder …"
if ! wrong=$(cd -- "$here" && sha256sum --check --strict --quiet SHA256SUMS 2>&1); then
  say "$wrong"
  refuse "安装包不完整或被改动过：请从原处重新复制整个文件夹。什么都没有安装。" \
    "This folder is incomplete or was altered: copy all of it again from where it was made. Nothing was installed."
fi

python=
while read -r one; do
  for name in "python$one" python3; do
    # venv has to be there; ensurepip, which some systems leave out, has not: pip comes with this folder.
    if found=$(command -v "$name") && "$found" -I -c "import sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$one')" 2>/dev/null; then
      python=$found
    fi
  done
done < "$here/pythons"
if [ -z "$python" ]; then
  versions=$(tr '\n' ' ' < "$here/pythons")
  refuse "没有找到 Python（带 venv 模块），可用的版本：$versions。请先用系统的安装介质安装，再运行本程序。" \
    "No Python with its module venv was found; it may be one of: $versions. Install it from your system's media, then run this again."
fi

if [ "$#" = 1 ]; then target=$1
elif [ "$(id -u)" = 0 ]; then target=/opt/bangfu
else target=${HOME:?}/bangfu
fi
mkdir -p -- "$target/versions"
target=$(CDPATH='' cd -- "$target" && pwd)
name=$(cat "$here/version")-$(sha256sum "$here/SHA256SUMS" | cut -c 1-8)
venv=$target/versions/$name
if [ ! -e "$venv/.complete" ]; then
  say "安装到 installing into $venv …"
  rm -rf -- "$venv"
  "$python" -I -m venv --without-pip "$venv"
  # Neither settings of this machine nor of this user: this folder is all there is.
  PIP_CONFIG_FILE=/dev/null "$venv/bin/python" -I "$(echo "$here"/wheels/pip-*.whl)/pip" --isolated install -q --no-input --no-cache-dir \
    --disable-pip-version-check --no-index --find-links "$here/wheels" --only-binary=:all: --require-hashes -r "$here/requirements.txt"
  : > "$venv/.complete"
fi

# The new version takes over at one stroke; the one before stays until somebody removes it.
before=$(readlink "$target/current" 2>/dev/null || true)
ln -sfn "versions/$name" "$target/.current"
mv -fT -- "$target/.current" "$target/current"
cat > "$target/.bangfu" <<'W'
#!/bin/sh
# Bangfu as it is installed here. The data lie in $BANGFU_HOME, else in the folder var beside this file.
here=$(dirname -- "$(readlink -f -- "$0")")
export BANGFU_HOME="${BANGFU_HOME:-$here/var}"
exec "$here/current/bin/bangfu" "$@"
W
chmod 755 "$target/.bangfu"
mv -f -- "$target/.bangfu" "$target/bangfu"

say "✓ $target/bangfu"
if [ -n "$before" ] && [ "$before" != "versions/$name" ]; then
  say "  原来的版本还在 the version before is still there: $target/$before"
  say "  升级后请运行 after an upgrade: bangfu migrate, bangfu doctor"
else
  say "  示范县 the demo county:  $target/bangfu demo"
  say "  自己的县 a county of your own:  docs/operations.md"
fi
