"""Runs the workflow and looks at what redun made of it and at the jobs that Batch tells of."""

import ast
import functools
import pathlib
import shutil
import subprocess

import boto3
from checks import check, equal, run_checks

batch = boto3.client("batch")
here = pathlib.Path(__file__).parent
pathlib.Path(".redun").mkdir()
shutil.copy(here / "redun.ini", ".redun/redun.ini")
shutil.copy(here / "workflow.py", "workflow.py")


def run_workflow():
    done = subprocess.run(["redun", "run", "workflow.py", "main"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return ast.literal_eval(done.stdout.strip())


first_result = functools.cache(run_workflow)


def jobs():
    """The summaries of all the jobs that were submitted, the array's children left out."""
    filters = [{"name": "JOB_NAME", "values": ["redun-job-*"]}]
    pages = batch.get_paginator("list_jobs").paginate(jobQueue="default", filters=filters)
    return [job for page in pages for job in page["jobSummaryList"]]


@check
def the_workflow_runs_to_its_result():
    result = first_result()
    equal([value for value, _, _ in result["squares"]], [0, 1, 4, 9, 16])
    equal(result["caught"], "caught on purpose")


@check
def alike_tasks_became_one_array_job():
    (array,) = [job for job in jobs() if job["jobName"].endswith("-array")]
    # redun gathers what is ready within a time, so that on a slow machine one of them may have gone alone.
    size = array["arrayProperties"]["size"]
    assert array["status"] == "SUCCEEDED" and size >= 3, array
    children = sorted((job_id, index) for _, job_id, index in first_result()["squares"] if index is not None)
    equal(children, [(f"{array['jobId']}:{index}", str(index)) for index in range(size)])


@check
def the_script_task_was_a_job_and_gave_its_output():
    equal(first_result()["greeting"], [0, b"hello sea\n"])


@check
def the_failing_task_was_a_failed_job_with_its_options():
    (failed,) = [job for job in jobs() if job["status"] == "FAILED"]
    (job,) = batch.describe_jobs(jobs=[failed["jobId"]])["jobs"]
    equal(job["container"]["exitCode"], 1)
    equal(job["timeout"], {"attemptDurationSeconds": 600})
    equal((job["tags"]["purpose"], job["retryStrategy"]["attempts"]), ("failing", 1))
    assert job["tags"]["redun_task_name"] == "longshore.fails", job["tags"]


@check
def one_definition_serves_all_its_jobs():
    first_result()
    pages = batch.get_paginator("describe_job_definitions").paginate(status="ACTIVE")
    (definition,) = [definition for page in pages for definition in page["jobDefinitions"]]
    equal((definition["jobDefinitionName"], definition["revision"]), ("python311-redun-jd", 1))
    account = definition["jobDefinitionArn"].split(":")[4]
    # It asks STS for the account to make this name from.
    equal(definition["containerProperties"]["jobRoleArn"], f"arn:aws:iam::{int(account)}:role/ecsTaskExecutionRole")


@check
def a_second_run_takes_everything_from_the_first():
    before = len(jobs())
    equal(run_workflow(), first_result())
    equal(len(jobs()), before)


run_checks()
