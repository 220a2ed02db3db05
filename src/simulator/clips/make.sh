#!/bin/sh
# Makes the simulator's clips anew: a low sun sinking behind drifting hills, drawn by ffmpeg's own filters, so
# that no one else's pictures are in here. They were made once, with Debian's ffmpeg 5.1 and libx264, and are
# committed; nobody who only uses the simulator needs ffmpeg. Sizes are those third parties observed
# (768P = 1366x768, 720P = 1280x720); 24 frames a second is documented; V1 videos have no sound.
# Each layer is one still, drawn once and moved by whole pixels: quick to make, and very small. One thread and no
# assembly make x264 write the same bytes each time.
# V1's films drift and are as long as their names say. V2's are made in any whole number of seconds, so theirs are
# loops: the hills sway and are after two seconds where they began, and without B-frames they can be cut anywhere
# (../film.ts does both). The sizes of V2's resolutions and ratios are ours, except 2560x1440 and 1366x768.
set -eu
cd "$(dirname "$0")"

sky() { # one colour channel: top, horizon, glow of the sun
  echo "clip($1+($2-$1)*pow(min(Y/H/0.66,1),1.5)+($3-$1)*0.32*exp(-3.4*hypot(X-0.62*W,Y-0.42*H)/H),0,255)"
}

hill() { # index, width of the still, height, colour, base height, swing, waves, phase
  echo "nullsrc=s=$2x$3:r=24:d=0.04,format=gray,geq=lum='255*clip(Y-H*($5-$6*(sin($7*X/H+$8)+0.45*sin(2.3*$7*X/H+$8)))+0.5,0,1)',loop=-1:1[mask$1];
  color=$4:s=$2x$3:r=24,format=gbrp[paint$1];[paint$1][mask$1]alphamerge[hill$1];"
}

sway() { # how far in pixels, there and back in 48 frames
  echo "floor($1*(1-cos(2*PI*n/48))/2)"
}

# name width height seconds motion
while read -r name width height seconds motion; do
  if [ $# -gt 0 ] && [ "$1" != "$name" ]; then continue; fi
  disc=$((height / 5))
  if [ "$motion" = sway ]; then
    wide=$((width + height / 12 + 8))
    sink=$(sway $((height / 48))) far=$(sway $((height / 96)))
    middle=$(sway $((height / 48))) near=$(sway $((height / 24))) front=$(sway $((height / 12)))
    coding="-preset medium -bf 0 -refs 3 -crf ${CRF:-38}"
  else
    wide=$((width + seconds * 24 * 3 + 8))
    sink="floor(n/6)" far="floor(n/4)" middle="floor(n/2)" near="n" front="2*n"
    coding="-preset slower -crf ${CRF:-26}"
  fi
  graph="nullsrc=s=${width}x${height}:r=24:d=0.04,format=gbrp,geq=r='$(sky 38 236 255)':g='$(sky 50 152 222)':b='$(sky 98 116 170)',loop=-1:1[sky];
  nullsrc=s=${disc}x${disc}:r=24:d=0.04,format=gray,geq=lum='255*clip(W/2-hypot(X-W/2,Y-H/2),0,1)',loop=-1:1[round];
  color=0xFFE6B4:s=${disc}x${disc}:r=24,format=gbrp[light];[light][round]alphamerge[sun];
  $(hill 1 "$wide" "$height" 0xA3627A 0.62 0.030 3.1 0.4)
  $(hill 2 "$wide" "$height" 0x70466A 0.70 0.040 2.3 2.1)
  $(hill 3 "$wide" "$height" 0x452F52 0.79 0.050 1.7 4.0)
  $(hill 4 "$wide" "$height" 0x1F1A34 0.90 0.060 1.3 5.6)
  [sky][sun]overlay=x='0.62*W-w/2':y='0.40*H-h/2+$sink':format=gbrp[a];
  [a][hill1]overlay=x='-$far':format=gbrp[b];
  [b][hill2]overlay=x='-$middle':format=gbrp[c];
  [c][hill3]overlay=x='-$near':format=gbrp[d];
  [d][hill4]overlay=x='-$front':format=gbrp,
  scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[out]"
  ffmpeg -nostdin -v error -y -filter_complex "$graph" -map "[out]" -t "$seconds" \
    -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv \
    -c:v libx264 -profile:v high $coding -tune animation -g 96 -threads 1 -x264-params asm=0 \
    -an -map_metadata -1 -fflags +bitexact -flags:v +bitexact -movflags +faststart "$name.mp4"
done <<LIST
768P-6 1366 768 6 drift
768P-10 1366 768 10 drift
720P-6 1280 720 6 drift
1080P-6 1920 1080 6 drift
512P-6 912 512 6 drift
512P-10 912 512 10 drift
768P-6-portrait 768 1366 6 drift
768P-6-square 768 768 6 drift
480P-21x9 1120 480 2 sway
480P-16x9 854 480 2 sway
480P-4x3 640 480 2 sway
480P-1x1 480 480 2 sway
480P-3x4 480 640 2 sway
480P-9x16 480 854 2 sway
768P-21x9 1792 768 2 sway
768P-16x9 1366 768 2 sway
768P-4x3 1024 768 2 sway
768P-1x1 768 768 2 sway
768P-3x4 768 1024 2 sway
768P-9x16 768 1366 2 sway
2K-21x9 3360 1440 2 sway
2K-16x9 2560 1440 2 sway
2K-4x3 1920 1440 2 sway
2K-1x1 1440 1440 2 sway
2K-3x4 1440 1920 2 sway
2K-9x16 1440 2560 2 sway
LIST
