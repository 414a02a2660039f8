"""What shell scripts do with the aws CLI: the README's commands, array, dependency, logs, stopping, paging, tags."""

import json
import subprocess

from checks import check, equal, run_checks, wait_until


def aws(*parameters):
    done = subprocess.run(["aws", *parameters], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"aws {' '.join(parameters)} ended with {done.returncode}: {done.stderr}")
    return done.stdout.strip()


def aws_json(*parameters):
    return json.loads(aws(*parameters))


def submit(name, *more):
    command = ["batch", "submit-job", "--job-name", name, "--job-queue", "default", "--job-definition", "hello"]
    return aws(*command, *more, "--query", "jobId", "--output", "text")


def status(job_id):
    return aws("batch", "describe-jobs", "--jobs", job_id, "--query", "jobs[0].status", "--output", "text")


def ended(job_id):
    wait_until(lambda: status(job_id) in ("SUCCEEDED", "FAILED"), f"{job_id} has ended")
    return aws_json("batch", "describe-jobs", "--jobs", job_id)["jobs"][0]


@check
def the_commands_of_the_readme_work():
    properties = {
        "image": "busybox",
        "command": ["sh", "-c", "echo hello from $AWS_BATCH_JOB_ID; sleep Ref::seconds; date"],
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "128"}],
    }
    register = ["batch", "register-job-definition", "--job-definition-name", "hello", "--type", "container"]
    more = ["--parameters", "seconds=0", "--container-properties", json.dumps(properties)]
    equal(json.loads(aws(*register, *more))["revision"], 1)
    job_id = submit("first")
    job = ended(job_id)
    equal((job["status"], job["container"]["exitCode"]), ("SUCCEEDED", 0))
    stream = job["container"]["logStreamName"]
    read = ["logs", "get-log-events", "--log-group-name", "/aws/batch/job", "--log-stream-name", stream]
    lines = wait_until(lambda: aws_json(*read, "--query", "events[].message"), "its lines")
    equal(lines[0], f"hello from {job_id}")
    streams = aws_json(
        "logs", "describe-log-streams", "--log-group-name", "/aws/batch/job", "--log-stream-name-prefix", stream
    )
    equal([found["logStreamName"] for found in streams["logStreams"]], [stream])


@check
def arrays_and_dependencies_are_submitted_in_shorthand():
    array = submit("many", "--array-properties", "size=20", "--parameters", "seconds=0")
    after = submit("after", "--depends-on", f"jobId={array}")
    equal(ended(after)["status"], "SUCCEEDED")
    parent = ended(array)
    equal((parent["status"], parent["arrayProperties"]["statusSummary"]["SUCCEEDED"]), ("SUCCEEDED", 20))
    # The CLI follows the pages by itself.
    listed = ["batch", "list-jobs", "--array-job-id", array, "--job-status", "SUCCEEDED", "--page-size", "6"]
    equal(len(aws_json(*listed)["jobSummaryList"]), 20)
    first = aws_json(*listed, "--max-items", "5")
    equal(len(first["jobSummaryList"]), 5)
    rest = aws_json(*listed, "--starting-token", first["NextToken"])
    equal(len(rest["jobSummaryList"]), 15)


@check
def jobs_are_stopped_with_a_reason():
    job_id = submit("long", "--parameters", "seconds=600")
    wait_until(lambda: status(job_id) == "RUNNING", "it runs")
    aws("batch", "terminate-job", "--job-id", job_id, "--reason", "no longer needed")
    job = ended(job_id)
    equal((job["status"], job["statusReason"]), ("FAILED", "no longer needed"))


@check
def definitions_are_listed_and_deregistered():
    listed = aws_json("batch", "describe-job-definitions", "--job-definition-name", "hello", "--status", "ACTIVE")
    equal([definition["revision"] for definition in listed["jobDefinitions"]], [1])
    aws("batch", "deregister-job-definition", "--job-definition", "hello:1")
    (old,) = aws_json("batch", "describe-job-definitions", "--job-definitions", "hello:1")["jobDefinitions"]
    equal(old["status"], "INACTIVE")


@check
def tags_are_set_and_listed():
    arn = aws(
        "batch", "describe-job-queues", "--job-queues", "default", "--query", "jobQueues[0].jobQueueArn", "--output", "text"
    )
    aws("batch", "tag-resource", "--resource-arn", arn, "--tags", "colour=blue,owner=me")
    aws("batch", "untag-resource", "--resource-arn", arn, "--tag-keys", "owner")
    equal(aws_json("batch", "list-tags-for-resource", "--resource-arn", arn)["tags"]["colour"], "blue")


@check
def a_log_group_is_filtered():
    command = ["logs", "filter-log-events", "--log-group-name", "/aws/batch/job", "--filter-pattern", "hello"]
    events = aws_json(*command, "--max-items", "3")["events"]
    equal(len(events), 3)
    assert all("hello" in event["message"] for event in events), events


@check
def the_caller_is_told_who_it_is():
    assert aws_json("sts", "get-caller-identity")["Account"].isdigit()


@check
def a_refusal_is_told_on_stderr_with_exit_code_254_or_255():
    done = subprocess.run(
        ["aws", "batch", "submit-job", "--job-name", "x", "--job-queue", "nowhere", "--job-definition", "hello"],
        capture_output=True,
        text=True,
    )
    assert done.returncode in (254, 255), done
    assert "(ClientException)" in done.stderr and "SubmitJob" in done.stderr, done.stderr


run_checks()
