#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs what `make install` installs, and the pages, for Debian: `mk/deb.sh BUILD VERSION FOLDER` makes
# FOLDER/nsxcert_VERSION-1_ARCHITECTURE.deb from BUILD/release. Equal programs and sources give equal bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "$1") version=$2 folder=$3
maintainer=${DEB_MAINTAINER:-The nsxcert project <nsxcert@users.noreply.github.com>}
for tool in dpkg-deb:dpkg dpkg-shlibdeps:dpkg-dev strip:binutils python3:python3; do
    command -v "${tool%%:*}" >/dev/null || { echo "deb: needs ${tool%%:*}, of the package ${tool##*:}" >&2; exit 1; }
done
SOURCE_DATE_EPOCH=$(mk/epoch.sh)
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/debian/nsxcert # where dpkg-shlibdeps looks
doc=$root/usr/share/doc/nsxcert packed=$version-1

"${MAKE:-make}" --no-print-directory -s FLAVOUR=release BUILD="$build" VERSION="$version" DESTDIR="$root" PREFIX=/usr \
    ZSH_FOLDER=vendor-completions install
built=$("$root/usr/bin/nsxcert" --version)
if [ "${built%%$'\n'*}" != "nsxcert $version" ]; then
    echo "deb: the program in $build says \"${built%%$'\n'*}\", not $version: build it anew" >&2
    exit 1
fi
strip --strip-unneeded --remove-section=.comment "$root/usr/bin/nsxcert"
gzip -n9 "$root/usr/share/man/man1/nsxcert.1"

install -d "$doc/docs"
install -m 644 README.md SECURITY.md packaging/debian/copyright "$doc/"
install -m 644 docs/*.md "$doc/docs/"
gzip -n9c CHANGELOG.md >"$doc/changelog.gz"
printf '%s\n' "nsxcert ($packed) stable; urgency=medium" "" "  * Release $version; changelog.gz tells what is new." "" \
    " -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -n9c >"$doc/changelog.Debian.gz"
install -D -m 644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/nsxcert"
mk/sbom.py "$root/usr/bin/nsxcert" "$version" "$SOURCE_DATE_EPOCH" >"$doc/nsxcert.cdx.json"

# What dpkg-shlibdeps wants to see of a source package.
install -d "$root/DEBIAN"
printf 'Source: nsxcert\n\nPackage: nsxcert\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O -edebian/nsxcert/usr/bin/nsxcert)
depends=${depends#shlibs:Depends=}

architecture=$(dpkg --print-architecture)
size=$(find "$root" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
sed -e "s|@VERSION@|$packed|" -e "s|@ARCHITECTURE@|$architecture|" -e "s|@MAINTAINER@|$maintainer|" \
    -e "s|@SIZE@|$size|" -e "s|@DEPENDS@|$depends|" packaging/debian/control.in >"$root/DEBIAN/control"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# In one step, and alone: the folder is what a container is built from.
name=nsxcert_${packed}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$work/$name" >/dev/null
mkdir -p "$folder"
rm -f "$folder"/nsxcert_*.deb
install -m 644 "$work/$name" "$folder/.$name" && mv "$folder/.$name" "$folder/$name"
echo "$folder/$name"
