#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""spark.py MODEL FILE: as parallel.sh does with GNU parallel, with Spark on this machine.

Gives the lines of FILE to charsample as seeds and to charscore to judge, each in one process and then in the pipes of
Spark's partitions. Both ways come to the same lines, or the status is 1. Needs pyspark and Java. The programs are looked
for in PATH.
"""

import os
import shlex
import shutil
import subprocess
import sys

from pyspark import SparkConf, SparkContext

PARTITIONS = 7


def main(model, file):
    filters = [
        # --key 0: the random numbers of a seed follow from the seed itself and not from its place in the input.
        ["charsample", "-q", "-m", model, "--seed", "1", "--key", "0", "--json", "-n", "40"],
        ["charscore", "-m", model],
    ]
    with open(file, newline="\n") as lines:
        seeds = [line.removesuffix("\n") for line in lines]
    conf = SparkConf().setMaster("local[*]").setAppName("chartools").set("spark.ui.enabled", "false")
    conf.set("spark.ui.showConsoleProgress", "false")
    with SparkContext(conf=conf) as spark:
        spark.setLogLevel("ERROR")
        for program, *options in filters:
            # The program is named by its whole path, for PATH may be another one where partitions are.
            command = [shutil.which(program), *options]
            with open(file) as text:
                one = subprocess.run(command, stdin=text, stdout=subprocess.PIPE, check=True, text=True).stdout
            # The environment of a child is empty unless one is given. Without checkCode a filter that fails would be
            # taken for one that had little to say.
            pipes = spark.parallelize(seeds, PARTITIONS).pipe(shlex.join(command), dict(os.environ), checkCode=True)
            many = pipes.collect()
            if "".join(line + "\n" for line in many) != one:
                sys.exit(f"spark.py: {program} gives other lines in {PARTITIONS} partitions than in one process")
            print(f"{program}: {len(many)} lines, the same from 1 process and from {PARTITIONS} partitions", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
