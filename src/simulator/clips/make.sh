#!/bin/sh
# Makes the simulator's clips anew: a low sun sinking behind drifting hills, drawn by ffmpeg's own filters, so
# that no one else's pictures are in here. They were made once, with Debian's ffmpeg 5.1 and libx264, and are
# committed; nobody who only uses the simulator needs ffmpeg. Sizes are those third parties observed
# (768P = 1366x768, 720P = 1280x720); 24 frames a second is documented; V1 videos have no sound.
# Each layer is one still, drawn once and moved by whole pixels: quick to make, and very small. One thread and no
# assembly make x264 write the same bytes each time.
set -eu
cd "$(dirname "$0")"

sky() { # one colour channel: top, horizon, glow of the sun
  echo "clip($1+($2-$1)*pow(min(Y/H/0.66,1),1.5)+($3-$1)*0.32*exp(-3.4*hypot(X-0.62*W,Y-0.42*H)/H),0,255)"
}

hill() { # index, width of the still, height, colour, base height, swing, waves, phase
  echo "nullsrc=s=$2x$3:r=24:d=0.04,format=gray,geq=lum='255*clip(Y-H*($5-$6*(sin($7*X/H+$8)+0.45*sin(2.3*$7*X/H+$8)))+0.5,0,1)',loop=-1:1[mask$1];
  color=$4:s=$2x$3:r=24,format=gbrp[paint$1];[paint$1][mask$1]alphamerge[hill$1];"
}

# name width height seconds
while read -r name width height seconds; do
  if [ $# -gt 0 ] && [ "$1" != "$name" ]; then continue; fi
  wide=$((width + seconds * 24 * 3 + 8))
  disc=$((height / 5))
  graph="nullsrc=s=${width}x${height}:r=24:d=0.04,format=gbrp,geq=r='$(sky 38 236 255)':g='$(sky 50 152 222)':b='$(sky 98 116 170)',loop=-1:1[sky];
  nullsrc=s=${disc}x${disc}:r=24:d=0.04,format=gray,geq=lum='255*clip(W/2-hypot(X-W/2,Y-H/2),0,1)',loop=-1:1[round];
  color=0xFFE6B4:s=${disc}x${disc}:r=24,format=gbrp[light];[light][round]alphamerge[sun];
  $(hill 1 "$wide" "$height" 0xA3627A 0.62 0.030 3.1 0.4)
  $(hill 2 "$wide" "$height" 0x70466A 0.70 0.040 2.3 2.1)
  $(hill 3 "$wide" "$height" 0x452F52 0.79 0.050 1.7 4.0)
  $(hill 4 "$wide" "$height" 0x1F1A34 0.90 0.060 1.3 5.6)
  [sky][sun]overlay=x='0.62*W-w/2':y='0.40*H-h/2+floor(n/6)':format=gbrp[a];
  [a][hill1]overlay=x='-floor(n/4)':format=gbrp[b];
  [b][hill2]overlay=x='-floor(n/2)':format=gbrp[c];
  [c][hill3]overlay=x='-n':format=gbrp[d];
  [d][hill4]overlay=x='-2*n':format=gbrp,
  scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[out]"
  ffmpeg -nostdin -v error -y -filter_complex "$graph" -map "[out]" -t "$seconds" \
    -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv \
    -c:v libx264 -profile:v high -preset slower -tune animation -crf "${CRF:-26}" -g 96 -threads 1 -x264-params asm=0 \
    -an -map_metadata -1 -fflags +bitexact -flags:v +bitexact -movflags +faststart "$name.mp4"
done <<LIST
768P-6 1366 768 6
768P-10 1366 768 10
720P-6 1280 720 6
1080P-6 1920 1080 6
512P-6 912 512 6
512P-10 912 512 10
768P-6-portrait 768 1366 6
768P-6-square 768 768 6
LIST
