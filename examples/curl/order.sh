#!/usr/bin/env bash
# Orders a video, waits for it, prints its link, and saves the file.
#   order.sh "Ocean waves at sunset" [waves.mp4]
# FILMGATE_URL and FILMGATE_API_KEY say where and as whom; FILMGATE_MODEL, if set, which model.
set -euo pipefail

prompt=${1:?"the prompt is missing: order.sh \"Ocean waves at sunset\" [waves.mp4]"}
file=${2:-video.mp4}
url=${FILMGATE_URL:?"is not set: where filmgate runs, such as https://video.example.com"}
key=${FILMGATE_API_KEY:?"is not set: an API key, mql_…"}
model=${FILMGATE_MODEL:-MiniMax-Hailuo-2.3}

# A refusal is printed with its sentence, and ends the script.
ask() { curl --silent --show-error --fail-with-body --retry 3 -H "Authorization: Bearer $key" "$@"; }
# The text of a field of an answer. There is no need for more JSON than that.
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }

prompt=${prompt//\\/\\\\}
prompt=${prompt//\"/\\\"}
prompt=${prompt//$'\n'/\\n}

# One Idempotency-Key for all the tries of this request: however often it arrives, it is one order, and paid once.
created=$(ask "$url/v1/videos/generations" \
  -H "Content-Type: application/json" \
  -H "Idempotency-Key: order-$(date +%s)-$$-$RANDOM" \
  -d "{\"model\": \"$model\", \"prompt\": \"$prompt\"}") || { echo "$created" >&2; exit 1; }
task=$(field task_id <<<"$created")
echo "ordered  $task" >&2

# The answer is held until the video is over, 60 seconds at most. A video takes minutes.
while :; do
  told=$(ask "$url/v1/videos/query/$task?wait=60") || { echo "$told" >&2; exit 1; }
  status=$(field status <<<"$told")
  case $status in
    Success) break ;;
    Fail | failed) echo "$told" >&2; exit 1 ;;
    *) echo "waiting  $status" >&2 ;;
  esac
done

link=$(ask "$url/v1/videos/download/$(field file_id <<<"$told")") || { echo "$link" >&2; exit 1; }
address=$(field download_url <<<"$link")
# The link is all that is needed: no key.
curl --silent --show-error --fail --retry 3 --output "$file" "$address"
echo "$(field sha256 <<<"$link")  $file" | sha256sum --check --quiet >&2
echo "saved    $file" >&2
echo "$address"
