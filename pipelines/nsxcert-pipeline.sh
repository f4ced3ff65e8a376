#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One stage on the way to a cluster's certificate, the same in every pipeline:
#
#   nsxcert-pipeline.sh validate|plan|apply|verify
#
#   NSXCERT_REQUESTS      folder of generate.json, import.json, register.json, verify.json; of the first three those
#                         that are there are sent, in this order (.)
#   NSXCERT_FILES         folder nsxcert runs in, where the files named in requests are. It must outlive the run:
#                         a new one would mean a new key and certificate (NSXCERT_REQUESTS)
#   NSXCERT_RESULTS       folder for STAGE-OPERATION.json and STAGE.md, made if missing (nsxcert-results)
#   NSXCERT_TEXTFILE_DIR  folder of node_exporter's textfile collector (none: no metrics)
#   NSXCERT_NAME          what tells this cluster's metrics from another's on the same host: letters, digits, . _ -
#                         (default)
#   NSXCERT               the program (nsxcert)
#
# The exit code is nsxcert's own, of the first operation that failed; 2 of plan: it would change something. After a
# failure nothing more is planned or applied.
#
# No pipeline goes on after a failure, and what waits to be applied may wait for days: where there are metrics, plan and
# apply send verify after both, so that they tell how it is now. Not after refused credentials (77): a password is tried
# once.
set -u

say() {
    echo "nsxcert-pipeline: $*" >&2
}

# The absolute path of a folder.
folder() {
    if ! (cd "$1" 2>/dev/null && pwd); then
        say "there is no folder $1 ($2)"
        exit 64
    fi
}

# Shows standard input to the collector, which reads *.prom only: the rename shows it a whole file.
expose() {
    new=$textfile/.nsxcert-$name-$1.$$
    if ! { cat >"$new" && chmod 644 "$new" && mv -f "$new" "$textfile/nsxcert-$name-$1.prom"; }; then
        rm -f "$new"
        say "the metrics of $operation could not be written to $textfile"
    fi
}

# The metrics of the last result. A request that could not be read has no operation and no request_id; equal series of
# two clusters would hide each other.
publish() {
    [ -n "$textfile" ] || return 0
    if ! samples=$("$program" --render prometheus "$result"); then
        say "there are no metrics of $operation"
        return 0
    fi
    before='nsxcert_[a-z_]*{operation="[a-z]*",\(target="[^"]*",\)\{0,1\}'
    samples=$(printf '%s\n' "$samples" | sed -e "s/^\(nsxcert_[a-z_]*{\)dry_run=/\1operation=\"$operation\",dry_run=/" \
        -e "s/^\($before\)dry_run=/\1request_id=\"$name\",dry_run=/")
    case $operation in
        verify) publish_verify ;;
        *) printf '%s\n' "$samples" | expose "$operation" ;;
    esac
}

# What verify found stays until verify finds something again: a run that ended before it looked mends nothing.
publish_verify() {
    of_run='^\(# [A-Z]* \)\{0,1\}nsxcert_last_run_'
    printf '%s\n' "$samples" | grep "$of_run" | expose verify-run
    found=$(printf '%s\n' "$samples" | grep -v "$of_run")
    [ -z "$found" ] || printf '%s\n' "$found" | expose verify
}

summarize() {
    "$program" --render markdown "$result" >>"$results/$stage.md" || say "no summary of $operation"
}

# Sends the request of an operation, keeps the result and shows it, failed or not; the exit code is the run's.
send() {
    operation=$1
    shift
    result=$results/$stage-$operation.json
    rm -f "$result"
    code=0
    (cd "$files" && exec "$program" --request-file "$requests/$operation.json" --output "$result" --format text "$@") ||
        code=$?
    if [ ! -f "$result" ]; then
        say "$operation left no result"
        return "$code"
    fi
    summarize
    [ "$stage" = validate ] || publish # a request is no news of the cluster
    return "$code"
}

has() {
    [ -f "$requests/$1.json" ]
}

# All of them, so that all mistakes are told.
validate() {
    worst=0
    for one in generate import register verify; do
        has "$one" || continue
        send "$one" --validate || worst=$code
    done
    return "$worst"
}

plan() {
    changes=0
    for one in generate import register; do
        has "$one" || continue
        send "$one" --dry-run --detailed-exitcode
        case $code in
            0) ;;
            2) changes=2 ;;
            *) return "$code" ;;
        esac
    done
    return "$changes"
}

apply() {
    for one in generate import register; do
        has "$one" || continue
        send "$one" || return
    done
}

verify() {
    if ! has verify; then
        say "there is no verify.json in $requests"
        return 64
    fi
    send verify
}

# Renews the metrics of verify after a stage that ended with this code, which stays.
look() {
    case $stage-$1 in
        *-0 | *-77) ;;
        plan-* | apply-*) [ -z "$textfile" ] || ! has verify || send verify ;;
    esac
    return "$1"
}

program=${NSXCERT:-nsxcert}
case $program in
    /*) ;;
    */*) program=$PWD/$program ;; # it is run in another folder
esac
name=${NSXCERT_NAME:-default}
case $name in
    *[!A-Za-z0-9._-]*)
        say "NSXCERT_NAME has other characters than letters, digits, . _ -"
        exit 64
        ;;
esac
stage=${1:-}
case $stage in
    validate | plan | apply | verify) ;;
    *)
        say "usage: nsxcert-pipeline.sh validate|plan|apply|verify"
        exit 64
        ;;
esac
requests=$(folder "${NSXCERT_REQUESTS:-.}" NSXCERT_REQUESTS) || exit
if ! has generate && ! has import && ! has register && ! has verify; then
    say "there are no requests in $requests"
    exit 64
fi
files=$(folder "${NSXCERT_FILES:-$requests}" NSXCERT_FILES) || exit
textfile=${NSXCERT_TEXTFILE_DIR:-}
if [ -n "$textfile" ]; then
    textfile=$(folder "$textfile" NSXCERT_TEXTFILE_DIR) || exit
fi
mkdir -p "${NSXCERT_RESULTS:-nsxcert-results}" || exit
results=$(folder "${NSXCERT_RESULTS:-nsxcert-results}" NSXCERT_RESULTS) || exit
# Not by `:`: a special built-in that fails ends the shell with 2, which means something here.
if ! true >"$results/$stage.md"; then
    say "$results/$stage.md cannot be written"
    exit 74
fi
ended=0
"$stage" || ended=$?
look "$ended"
