#!/bin/sh
# Makes the files in deploy/secrets/ that compose.yaml hands to the containers, once; what is there stays as it is.
# They are secrets: back them up where you keep passwords. Without secret_key the links in mails that were sent stop working.
set -eu
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
# Nobody but you gets into the folder. The files in it are readable, since the containers read them as another user.
chmod 700 "$folder"
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
keep() {
    [ -e "$folder/$1" ] && return
    printf '%s' "$2" >"$folder/$1"
    chmod 644 "$folder/$1"
    echo "made $folder/$1"
}
keep postgres_password "$(random)"
# Letters and digits alone, so nothing in it has to be escaped in an address.
keep database_url "postgresql://hypewatch:$(cat "$folder/postgres_password")@postgres/hypewatch"
keep secret_key "$(random)"
# Empty: mails become files in the volume. Write smtp://user:password@host:587 into it.
keep smtp_url ""
