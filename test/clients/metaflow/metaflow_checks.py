"""Runs the flow and looks at what it has left behind, as Metaflow's own client and as Batch tell it."""

import functools
import os
import pathlib
import subprocess
import sys

import boto3
from checks import check, equal, run_checks
from metaflow import Flow, namespace

namespace(None)
batch = boto3.client("batch")


@functools.cache
def last_run():
    return Flow("CheckFlow").latest_run


def artifacts():
    return last_run()["end"].task.data


def jobs_of(step):
    """The details of the jobs of a step, by the parameters that Metaflow gives each, in order of submission."""
    prefix = f"{os.environ['USERNAME']}-CheckFlow-{last_run().id}-{step}-"
    filters = [{"name": "JOB_NAME", "values": [f"{prefix}*"]}]
    pages = batch.get_paginator("list_jobs").paginate(jobQueue="default", filters=filters)
    ids = [job["jobId"] for page in pages for job in page["jobSummaryList"]]
    return sorted(batch.describe_jobs(jobs=ids)["jobs"], key=lambda job: job["createdAt"])


def failed_jobs():
    """What there is to say of every failed job, for one who wonders why the flow failed."""
    for summary in batch.list_jobs(jobQueue="default", jobStatus="FAILED")["jobSummaryList"]:
        (job,) = batch.describe_jobs(jobs=[summary["jobId"]])["jobs"]
        yield f"{job['jobName']} {job['jobId']}: {job['statusReason']} {[a['container'] for a in job['attempts']]}"


@check
def the_flow_runs_to_its_end():
    flow = pathlib.Path(__file__).with_name("check_flow.py")
    with open("flow.log", "w+") as log:
        done = subprocess.run([sys.executable, flow, "--no-pylint", "run"], stdout=log, stderr=log)
        log.seek(0)
        assert done.returncode == 0, "\n".join([log.read(), *failed_jobs()])
    assert last_run().finished and last_run().successful


@check
def every_branch_of_the_foreach_was_a_job_of_its_own():
    equal(artifacts().squares, [1, 4])
    jobs = jobs_of("square")
    equal(sorted(job["jobId"] for job in jobs), sorted(artifacts().jobs))
    equal({job["status"] for job in jobs}, {"SUCCEEDED"})
    equal({job["parameters"]["metaflow.step_name"] for job in jobs}, {"square"})


@check
def every_try_of_the_flaky_step_was_a_job_and_the_last_succeeded():
    equal((artifacts().failure, artifacts().tries), (None, 2))
    equal([job["status"] for job in jobs_of("flaky")], ["FAILED", "FAILED", "SUCCEEDED"])
    equal(jobs_of("flaky")[0]["container"]["exitCode"], 75)


@check
def the_slow_step_was_stopped_and_its_failure_caught():
    assert artifacts().late is not None
    (job,) = jobs_of("slow")
    equal((job["status"], job["statusReason"]), ("FAILED", "Job attempt duration exceeded timeout"))
    equal(job["timeout"], {"attemptDurationSeconds": 60})


@check
def the_parallel_step_was_one_job_of_two_nodes():
    equal([node[:2] for node in artifacts().nodes], [(0, 2), (1, 2)])
    (job,) = jobs_of("gang")
    equal((job["status"], job["nodeProperties"]["numNodes"]), ("SUCCEEDED", 2))
    equal(job["attempts"][-1]["container"]["exitCode"], 0)


@check
def what_jobs_print_reaches_the_user_through_the_datastore():
    task = last_run()["square"].task
    assert "Task is starting." in task.stderr + task.stdout, (task.stdout, task.stderr)


@check
def tasks_carry_what_batch_told_their_jobs():
    metadata = last_run()["square"].task.metadata_dict
    equal(metadata["aws-batch-jq-name"], "default")
    equal(metadata["aws-batch-job-attempt"], "1")
    equal(metadata["aws-batch-execution-env"], "AWS_ECS_EC2")
    # What it reads at ECS_CONTAINER_METADATA_URI_V4.
    equal(metadata["aws-batch-awslogs-group"], "/aws/batch/job")
    equal(metadata["aws-batch-awslogs-region"], "us-east-1")
    (job,) = batch.describe_jobs(jobs=[metadata["aws-batch-job-id"]])["jobs"]
    equal(metadata["aws-batch-awslogs-stream"], job["container"]["logStreamName"])


run_checks()
