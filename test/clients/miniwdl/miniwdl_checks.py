"""miniwdl with the no-EFS backend of miniwdl-aws: its own self-test, and a scatter with a retry and a failure."""

import json
import pathlib
import subprocess

import boto3
from checks import check, equal, run_checks

batch = boto3.client("batch")
here = pathlib.Path(__file__).parent
shared = pathlib.Path.cwd()


def miniwdl(*parameters):
    return subprocess.run(["miniwdl", *parameters], capture_output=True, text=True)


def jobs_named(prefix):
    filters = [{"name": "JOB_NAME", "values": [f"{prefix}*"]}]
    pages = batch.get_paginator("list_jobs").paginate(jobQueue="default", filters=filters)
    ids = [job["jobId"] for page in pages for job in page["jobSummaryList"]]
    return sorted(batch.describe_jobs(jobs=ids)["jobs"], key=lambda job: job["createdAt"])


@check
def its_self_test_passes():
    done = miniwdl("run_self_test", "--dir", str(shared / "self-test"))
    assert done.returncode == 0 and "miniwdl run_self_test OK" in done.stdout + done.stderr, done.stderr


@check
def a_scatter_runs_a_job_for_every_shard():
    done = miniwdl("run", str(here / "squares.wdl"), "numbers=1", "numbers=2", "numbers=3", "--dir", str(shared / "scatter"))
    assert done.returncode == 0, done.stderr
    outputs = json.loads(done.stdout)["outputs"]
    equal((outputs["squares.values"], outputs["squares.sum"]), ([1, 4, 9], 14))
    jobs = batch.describe_jobs(jobs=outputs["squares.jobs"])["jobs"]
    equal([job["status"] for job in jobs], ["SUCCEEDED"] * 3)


@check
def a_task_that_fails_at_first_is_tried_again_as_another_job():
    first, second = jobs_named("total-")
    equal((first["status"], first["container"]["exitCode"]), ("FAILED", 7))
    equal((second["status"], second["container"]["exitCode"]), ("SUCCEEDED", 0))
    assert second["jobName"].startswith("total-try2-"), second["jobName"]


@check
def its_transient_definitions_are_deregistered_and_its_jobs_still_told():
    (job,) = jobs_named("square-0-")
    pages = batch.get_paginator("describe_job_definitions").paginate(status="ACTIVE")
    equal([definition["jobDefinitionName"] for page in pages for definition in page["jobDefinitions"]], [])
    (definition,) = batch.describe_job_definitions(jobDefinitions=[job["jobDefinition"]])["jobDefinitions"]
    equal(definition["status"], "INACTIVE")


@check
def a_failure_ends_the_run_with_the_task_its_exit_code_and_its_stderr():
    done = miniwdl(
        "run", str(here / "squares.wdl"), "numbers=2", "fail=true", "--dir", str(shared / "failing"), "--error-json", "--verbose"
    )
    assert done.returncode != 0
    assert "the reason why, after 4" in done.stderr, done.stderr
    error = json.loads(done.stdout)
    equal(error["cause"]["exit_status"], 42)


run_checks()
