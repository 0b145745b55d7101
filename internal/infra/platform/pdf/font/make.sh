#!/bin/sh
# Makes the font files of this directory from Debian's fonts-noto-core with fonttools' pyftsubset.
set -eu
cd "$(dirname "$0")"
src=/usr/share/fonts/truetype/noto
features=ccmp,locl,kern,liga,clig,calt,mark,mkmk,rlig,init,medi,fina,isol,curs
features=$features,akhn,nukt,rphf,rkrf,blwf,half,vatu,cjct,pres,abvs,blws,psts,haln,abvm,blwm,dist,pref,pstf
latin=U+0020-007E,U+00A0-024F,U+0259,U+02BB-02BD,U+02C6-02DD,U+0300-0304,U+0306-030C,U+0323,U+0327,U+0328,U+1E00-1EFF
latin=$latin,U+2000-2015,U+2018-2027,U+202F,U+2030,U+2032,U+2033,U+2039,U+203A,U+2044,U+2060,U+20A0-20BF,U+2113,U+2116
latin=$latin,U+2122,U+2190-2193,U+2212,U+2215,U+25CC,U+FFFD
arabic=U+0020,U+00A0,U+0028,U+0029,U+002D,U+002E,U+003A,U+0600-06FF,U+0750-077F,U+200B-200F,U+2010-2011,U+2024-2026
arabic=$arabic,U+25CC,U+FD3E,U+FD3F,U+FDF2,U+FDFC
devanagari=U+0020,U+00A0,U+0900-097F,U+200C,U+200D,U+20B9,U+25CC,U+A8E0-A8FF
reduce() {
	for weight in Regular Bold; do
		pyftsubset "$src/$1-$weight.ttf" --unicodes="$2" --layout-features="$features" --no-hinting --no-glyph-names \
			--notdef-outline --name-IDs=0,1,2,4,5,6,13,14 --drop-tables+=DSIG,STAT,MATH,meta --output-file="$1-$weight.ttf"
	done
}
reduce NotoSans "$latin"
reduce NotoNaskhArabic "$arabic"
reduce NotoSansDevanagari "$devanagari"
