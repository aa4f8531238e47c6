#!/bin/sh
# A first real book, end to end: four real statements, one rules file, posted, verified, shown.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CLOUDBOOKS_HOME="$folder/state"
cp "$here"/first-book/* "$folder"
cd "$folder"

say() { printf '\n$ cloudbooks %s\n' "$*"; cloudbooks "$@"; }

say init first --name "My first book" --base CNY --chart cn-small --start 2023-01 \
  --bank 1002.01=ICBC --bank 1012.01=Alipay --bank 1012.02=WeChat --bank 1012.03=JD --no-passphrase --as "Li Na" --yes
say rule check
say import icbc-debit-v2.csv --account 1002.01
say import alipay-2023-gb18030.csv --account 1012.01
say import wechat-2019-utf8.csv --account 1012.02
say import jd-pay.csv --account 1012.03
say import jd-pay.csv --account 1012.03
say post --all --yes
say verify
say report income -p 2023-01..2024-12 --by year --chart
say balance -p 2017..2024
say draft list
