"""What scripts do with boto3: submit, wait, read logs, stop, page, tag; and the shape of what they are answered."""

import contextlib
import json
import os
import pathlib
import signal

import boto3
from botocore.exceptions import ClientError
from botocore.waiter import WaiterModel, create_waiter_with_client
from checks import check, equal, run_checks, wait_until
from shapes import assert_shape

batch = boto3.client("batch")
logs = boto3.client("logs")
queue = "default"
group = "/aws/batch/job"

# botocore ships no waiters for Batch: this is the one that scripts bring along (the shape of AWS's own samples).
job_ended = create_waiter_with_client(
    "JobEnded",
    WaiterModel(
        {
            "version": 2,
            "waiters": {
                "JobEnded": {
                    "delay": 1,
                    "operation": "DescribeJobs",
                    "maxAttempts": 100,
                    "acceptors": [
                        {"argument": "jobs[].status", "expected": status, "matcher": "pathAll", "state": state}
                        for status, state in [("SUCCEEDED", "success"), ("FAILED", "success")]
                    ],
                }
            },
        }
    ),
    batch,
)


def define(name, script, **more):
    container = {
        "image": "busybox",
        "command": ["sh", "-c", script],
        "resourceRequirements": [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "16"}],
    }
    return batch.register_job_definition(
        jobDefinitionName=name, type="container", containerProperties=container, **more
    )["jobDefinitionArn"]


def submit(definition, **more):
    return batch.submit_job(**{"jobName": "job", "jobQueue": queue, "jobDefinition": definition, **more})["jobId"]


def describe(job_id):
    (job,) = batch.describe_jobs(jobs=[job_id])["jobs"]
    return job


def ended(job_id):
    job_ended.wait(jobs=[job_id])
    return describe(job_id)


def in_state(job_id, *states):
    def look():
        job = describe(job_id)
        return job if job["status"] in states else None

    return wait_until(look, f"{job_id} is {' or '.join(states)}")


def messages(job, count):
    """The lines a job has printed, once there are so many of them."""
    stream = job["container"]["logStreamName"]

    def look():
        try:
            events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        return [event["message"] for event in events] if len(events) >= count else None

    return wait_until(look, f"{count} lines in {stream}")


def refused(function, **parameters):
    try:
        function(**parameters)
    except ClientError as error:
        return error.response
    raise AssertionError(f"{parameters} was accepted")


hello = define("hello", "echo hello $AWS_BATCH_JOB_ID; echo Ref::word", parameters={"word": "none"}, tags={"team": "a"})


@contextlib.contextmanager
def frozen_agent():
    """Keeps the agent from doing anything, for less than a lease: what is placed on it meanwhile does not start."""
    pid = json.loads(pathlib.Path("data/processes.json").read_text())["agent"]["pid"]

    def is_stopped():
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(is_stopped, "the agent is stopped")
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@check
def submitted_job_is_described_at_once_and_runs():
    answer = batch.submit_job(
        jobName="first", jobQueue=queue, jobDefinition="hello", parameters={"word": "sea"}, tags={}, dependsOn=[]
    )
    assert_shape({key: answer[key] for key in answer if key != "ResponseMetadata"}, "SubmitJob")
    assert answer["ResponseMetadata"]["RequestId"], "a request id"
    equal(describe(answer["jobId"])["jobName"], "first")
    job = ended(answer["jobId"])
    assert_shape(job, "endedJob")
    equal((job["status"], job["container"]["exitCode"], len(job["attempts"])), ("SUCCEEDED", 0, 1))
    equal(job["statusReason"], "Essential container in task exited")
    equal(job["retryStrategy"]["attempts"], 1)
    equal(job["container"]["taskArn"].split("/")[-1], job["container"]["logStreamName"].split("/")[-1])
    equal(messages(job, 2), [f"hello {answer['jobId']}", "sea"])


@check
def jobs_of_every_state_have_the_shapes_of_aws():
    # Nothing here has so much memory, so that it stays RUNNABLE until it is cancelled.
    huge = {"resourceRequirements": [{"type": "MEMORY", "value": "60000000"}]}
    runnable = submit(hello, containerOverrides=huge)
    assert_shape(in_state(runnable, "RUNNABLE"), "waitingJob")
    pending = submit(hello, dependsOn=[{"jobId": runnable}])
    assert_shape(in_state(pending, "PENDING"), "waitingJob")
    equal(describe(pending)["dependsOn"], [{"jobId": runnable}])
    for waiting in (runnable, pending):
        job = describe(waiting)
        assert not {"taskArn", "logStreamName", "exitCode"} & job["container"].keys(), job["container"]
    batch.cancel_job(jobId=runnable, reason="enough waited")
    job = ended(runnable)
    assert_shape(job, "cancelledJob")
    equal((job["status"], job["statusReason"]), ("FAILED", "enough waited"))
    equal(ended(pending)["status"], "FAILED")
    failing = ended(submit(define("fails", "exit 3")))
    assert_shape(failing, "endedJob")
    equal((failing["status"], failing["container"]["exitCode"]), ("FAILED", 3))
    running = submit(define("sleeps", "echo started; sleep 600"))
    assert_shape(in_state(running, "RUNNING"), "runningJob")
    batch.terminate_job(jobId=running, reason="seen enough")
    job = ended(running)
    assert_shape(job, "endedJob")
    equal((job["status"], job["statusReason"], job["isTerminated"]), ("FAILED", "seen enough", True))


@check
def starting_jobs_have_a_task_and_a_log_but_no_start():
    with frozen_agent():
        starting = submit(hello)
        parent = submit(hello, arrayProperties={"size": 2})
        job = in_state(starting, "STARTING")
        assert_shape(job, "startingJob")
        equal(job["container"]["taskArn"].split("/")[-1], job["container"]["logStreamName"].split("/")[-1])
        child = in_state(f"{parent}:1", "STARTING")
        assert_shape(child, "startingChild")
        equal(describe(parent)["arrayProperties"]["statusSummary"]["STARTING"], 2)
        (listed,) = batch.list_jobs(jobQueue=queue, jobStatus="STARTING")["jobSummaryList"]
        assert_shape(listed, "startingSummary")
        equal(listed["jobId"], starting)
    started = ended(starting)
    assert_shape(started, "endedJob")
    equal(started["container"]["taskArn"], job["container"]["taskArn"])
    equal(ended(parent)["status"], "SUCCEEDED")


@check
def jobs_that_never_started_have_no_exit_code():
    job = ended(submit(hello, containerOverrides={"command": ["/no/such/program"]}))
    equal(job["status"], "FAILED")
    assert "exitCode" not in job["container"], job["container"]
    assert "exitCode" not in job["attempts"][0]["container"], job["attempts"]
    assert "CannotStartContainerError" in job["container"]["reason"], job["container"]


@check
def arrays_have_parents_and_children():
    definition = define("slices", "echo $AWS_BATCH_JOB_ARRAY_INDEX; exit $((AWS_BATCH_JOB_ARRAY_INDEX == 2))")
    parent = submit(definition, arrayProperties={"size": 4})
    children = [f"{parent}:{index}" for index in range(4)]
    asked = [children[3], "no-such-job", parent, children[0]]
    equal([job["jobId"] for job in batch.describe_jobs(jobs=asked)["jobs"]], [children[3], parent, children[0]])
    job = ended(parent)
    assert_shape(job, "arrayParent")
    equal((job["status"], job["statusReason"]), ("FAILED", "Array Child Job failed"))
    summary = job["arrayProperties"]["statusSummary"]
    equal((summary["SUCCEEDED"], summary["FAILED"], sum(summary.values())), (3, 1, 4))
    for index, child in enumerate(batch.describe_jobs(jobs=children)["jobs"]):
        assert_shape(child, "endedChild")
        equal(child["arrayProperties"], {"index": index, "statusSummary": {}})
        equal(messages(child, 1), [str(index)])
    listed = batch.list_jobs(arrayJobId=parent, jobStatus="SUCCEEDED")["jobSummaryList"]
    equal(sorted(child["arrayProperties"]["index"] for child in listed), [0, 1, 3])
    for child in listed:
        assert_shape(child, "summary")


@check
def dependencies_hold_jobs_back_and_pass_failure_on():
    define("marks", "echo Ref::mark", parameters={"mark": "x"})
    first = submit("marks", arrayProperties={"size": 3})
    second = submit("marks", arrayProperties={"size": 3}, dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    third = submit("marks", arrayProperties={"size": 3}, dependsOn=[{"type": "SEQUENTIAL"}, {"jobId": second}])
    last = submit("marks", dependsOn=[{"jobId": third}])
    jobs = {name: ended(job) for name, job in dict(first=first, second=second, third=third, last=last).items()}
    equal({job["status"] for job in jobs.values()}, {"SUCCEEDED"})
    ends = [describe(f"{third}:{index}") for index in range(3)]
    assert all(a["stoppedAt"] <= b["startedAt"] for a, b in zip(ends, ends[1:])), ends
    assert jobs["third"]["stoppedAt"] <= jobs["last"]["startedAt"]
    failing = submit("fails")
    after = ended(submit("marks", dependsOn=[{"jobId": failing}]))
    equal((after["status"], after["attempts"]), ("FAILED", []))


@check
def failed_attempts_are_retried_by_the_rules():
    define("flaky", "echo attempt $AWS_BATCH_JOB_ATTEMPT; exit $((AWS_BATCH_JOB_ATTEMPT < 3 ? 75 : 0))")
    rules = [{"onExitCode": "75", "action": "retry"}, {"onReason": "*", "action": "EXIT"}]
    job = ended(submit("flaky", retryStrategy={"attempts": 5, "evaluateOnExit": rules}))
    assert_shape(job, "endedJob")
    equal((job["status"], [a["container"]["exitCode"] for a in job["attempts"]]), ("SUCCEEDED", [75, 75, 0]))
    equal(len({a["container"]["logStreamName"] for a in job["attempts"]}), 3)
    equal(job["container"]["logStreamName"], job["attempts"][-1]["container"]["logStreamName"])


@check
def terminate_gives_a_trap_its_time():
    define("traps", "trap 'echo tidied; exit 9' TERM; echo ready; while :; do sleep 0.1; done")
    job_id = submit("traps")
    messages(in_state(job_id, "RUNNING"), 1)
    batch.terminate_job(jobId=job_id, reason="done with it")
    job = ended(job_id)
    equal((job["status"], job["statusReason"], job["container"]["exitCode"]), ("FAILED", "done with it", 9))
    lines = messages(job, 2)
    equal((lines[0], lines[-1]), ("ready", "tidied"))


@check
def what_is_unknown_or_over_is_left_alone():
    over = ended(submit(hello))
    for job_id in ("7f8e35b9-9fc1-4a1b-8f3d-02f6c54c1a11", over["jobId"]):
        batch.cancel_job(jobId=job_id, reason="late")
        batch.terminate_job(jobId=job_id, reason="late")
    equal(describe(over["jobId"]), over)
    equal(batch.describe_jobs(jobs=["7f8e35b9-9fc1-4a1b-8f3d-02f6c54c1a11", "rubbish"])["jobs"], [])


@check
def lists_are_paged_by_opaque_tokens():
    define("paged", "true")
    parent = submit("paged", jobName="paged", arrayProperties={"size": 25})
    ended(parent)
    pages = list(
        batch.get_paginator("list_jobs").paginate(
            arrayJobId=parent, jobStatus="SUCCEEDED", PaginationConfig={"PageSize": 10}
        )
    )
    equal([len(page["jobSummaryList"]) for page in pages], [10, 10, 5])
    equal(["nextToken" in page for page in pages], [True, True, False])
    equal(len({job["jobId"] for page in pages for job in page["jobSummaryList"]}), 25)
    for _ in range(5):
        submit("paged", jobName="Filtered-job")
    found = batch.get_paginator("list_jobs").paginate(
        jobQueue=queue, filters=[{"name": "JOB_NAME", "values": ["filtered*"]}], PaginationConfig={"PageSize": 2}
    )
    summaries = [job for page in found for job in page["jobSummaryList"]]
    equal(len(summaries), 5)
    for job in summaries:
        assert_shape(job, "summary")
    equal(sorted((job["createdAt"] for job in summaries), reverse=True), [job["createdAt"] for job in summaries])


@check
def running_jobs_are_what_a_plain_list_shows():
    job_id = submit("sleeps", jobName="listed")
    in_state(job_id, "RUNNING")
    listed = batch.list_jobs(jobQueue=queue)["jobSummaryList"]
    equal([job["jobId"] for job in listed if job["jobName"] == "listed"], [job_id])
    equal({job["status"] for job in listed}, {"RUNNING"})
    batch.terminate_job(jobId=job_id, reason="seen")
    ended(job_id)


@check
def logs_are_read_forwards_backwards_and_to_their_end():
    lines = [f"line {number}" for number in range(1, 26)]
    job = ended(submit(define("prints", "seq -f 'line %g' 25")))
    equal(messages(job, 25), lines)
    stream = job["container"]["logStreamName"]
    read, token = [], {}
    while True:
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, limit=10, **token)
        page.pop("ResponseMetadata")
        assert_shape(page, "GetLogEvents")
        read += [event["message"] for event in page["events"]]
        if token.get("nextToken") == page["nextForwardToken"]:
            break
        token = {"nextToken": page["nextForwardToken"]}
    equal(read, lines)
    tail = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=5)
    equal([event["message"] for event in tail["events"]], lines[-5:])
    before = logs.get_log_events(
        logGroupName=group, logStreamName=stream, limit=5, nextToken=tail["nextBackwardToken"]
    )
    equal([event["message"] for event in before["events"]], lines[-10:-5])
    (found,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]
    assert_shape(found, "logStreamDetail")
    missing = refused(logs.get_log_events, logGroupName=group, logStreamName="no/such/stream")
    equal(missing["Error"]["Code"], "ResourceNotFoundException")


@check
def log_events_are_filtered_by_stream_time_and_pattern():
    job = ended(submit(define("mixed", "echo INFO one; echo ERROR two; echo INFO three")))
    messages(job, 3)
    stream = job["container"]["logStreamName"]
    pages = list(
        logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, logStreamNames=[stream], startTime=job["createdAt"], PaginationConfig={"PageSize": 2}
        )
    )
    events = [event for page in pages for event in page["events"]]
    equal([event["message"] for event in events], ["INFO one", "ERROR two", "INFO three"])
    for event in events:
        assert_shape(event, "filteredEvent")
    equal(len({event["eventId"] for event in events}), 3)
    again = logs.filter_log_events(logGroupName=group, logStreamNames=[stream], filterPattern="ERROR")["events"]
    equal([event["eventId"] for event in again], [events[1]["eventId"]])


@check
def definitions_have_revisions_and_go_back_as_they_came():
    sent = {
        "parameters": {"unreferenced": "kept"},
        "containerProperties": {
            "image": "busybox",
            "command": ["true"],
            "environment": [],
            "mountPoints": [],
            "volumes": [],
            "ulimits": [],
            "privileged": False,
            "linuxParameters": {},
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "16"}],
        },
        "retryStrategy": {"attempts": 2, "evaluateOnExit": [{"onExitCode": "1", "action": "retry"}]},
        "timeout": {"attemptDurationSeconds": 600},
        "tags": {"purpose": "round trip"},
    }
    first = batch.register_job_definition(jobDefinitionName="again", type="container", **sent)
    equal(first["revision"], 1)
    (found,) = batch.describe_job_definitions(jobDefinitionName="again", status="ACTIVE")["jobDefinitions"]
    for member, value in sent.items():
        if member != "containerProperties":
            equal(found[member], value)
    for member, value in sent["containerProperties"].items():
        equal(found["containerProperties"][member], value)
    generated = {"jobDefinitionArn", "revision", "status", "containerOrchestrationType"}
    back = {member: value for member, value in found.items() if member not in generated}
    second = batch.register_job_definition(**back)
    equal(second["revision"], 2)
    batch.deregister_job_definition(jobDefinition="again:1")
    (old,) = batch.describe_job_definitions(jobDefinitions=[first["jobDefinitionArn"]])["jobDefinitions"]
    equal((old["status"], old["tags"]), ("INACTIVE", sent["tags"]))
    active = batch.describe_job_definitions(jobDefinitionName="again", status="ACTIVE")["jobDefinitions"]
    equal([definition["revision"] for definition in active], [2])
    (described,) = batch.describe_job_definitions(jobDefinitions=[hello])["jobDefinitions"]
    assert_shape(described, "definition")
    pages = batch.get_paginator("describe_job_definitions").paginate(PaginationConfig={"PageSize": 3})
    arns = [definition["jobDefinitionArn"] for page in pages for definition in page["jobDefinitions"]]
    assert len(arns) == len(set(arns)) and hello in arns, arns


@check
def a_deregistered_definition_still_runs_its_jobs():
    definition = define("short-lived", "true")
    huge = {"resourceRequirements": [{"type": "MEMORY", "value": "60000000"}]}
    blocker = submit(hello, containerOverrides=huge)
    job_id = submit(definition)
    batch.deregister_job_definition(jobDefinition=definition)
    batch.terminate_job(jobId=blocker, reason="out of the way")
    equal(ended(job_id)["status"], "SUCCEEDED")
    equal(refused(batch.submit_job, jobName="x", jobQueue=queue, jobDefinition=definition)["Error"]["Code"], "ClientException")


@check
def tags_are_set_and_taken_from_every_resource():
    queue_arn = batch.describe_job_queues(jobQueues=[queue])["jobQueues"][0]["jobQueueArn"]
    environment_arn = batch.describe_compute_environments()["computeEnvironments"][0]["computeEnvironmentArn"]
    job_arn = batch.submit_job(jobName="tagged", jobQueue=queue, jobDefinition=hello, tags={"a": "1"})["jobArn"]
    for arn in (job_arn, hello, queue_arn, environment_arn):
        batch.tag_resource(resourceArn=arn, tags={"colour": "blue", "key with space/+=@": "x"})
        tags = batch.list_tags_for_resource(resourceArn=arn)["tags"]
        equal((tags["colour"], tags["key with space/+=@"]), ("blue", "x"))
        batch.untag_resource(resourceArn=arn, tagKeys=["colour", "key with space/+=@"])
        assert "colour" not in batch.list_tags_for_resource(resourceArn=arn)["tags"]
    equal(batch.list_tags_for_resource(resourceArn=job_arn)["tags"], {"a": "1"})


@check
def queues_and_environments_live_and_die_by_the_rules():
    environment = batch.create_compute_environment(computeEnvironmentName="spare", type="UNMANAGED", tags={"k": "v"})
    assert environment["computeEnvironmentArn"].endswith("compute-environment/spare")
    order = [{"order": 1, "computeEnvironment": "spare"}]
    batch.create_job_queue(jobQueueName="side", priority=5, state="ENABLED", computeEnvironmentOrder=order)
    (described,) = batch.describe_job_queues(jobQueues=["side"])["jobQueues"]
    assert_shape(described, "queue")
    equal((described["status"], described["state"], described["priority"]), ("VALID", "ENABLED", 5))
    (described,) = batch.describe_compute_environments(computeEnvironments=["spare"])["computeEnvironments"]
    assert_shape(described, "environment")
    batch.update_job_queue(jobQueue="side", priority=7)
    equal(batch.describe_job_queues(jobQueues=["side"])["jobQueues"][0]["priority"], 7)
    equal(refused(batch.delete_job_queue, jobQueue="side")["Error"]["Code"], "ClientException")
    text = refused(batch.delete_compute_environment, computeEnvironment="spare")["Error"]["Message"]
    assert text, "the reason why a queue's environment stays"
    batch.update_job_queue(jobQueue="side", state="DISABLED")
    batch.delete_job_queue(jobQueue="side")
    wait_until(lambda: not batch.describe_job_queues(jobQueues=["side"])["jobQueues"], "the queue is gone")
    batch.update_compute_environment(computeEnvironment="spare", state="DISABLED")
    batch.delete_compute_environment(computeEnvironment="spare")
    wait_until(
        lambda: not batch.describe_compute_environments(computeEnvironments=["spare"])["computeEnvironments"],
        "the environment is gone",
    )


@check
def jobs_of_several_nodes_have_a_main_node():
    container = {
        "image": "busybox",
        "command": ["sh", "-c", "echo ${AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS-main} of $AWS_BATCH_JOB_NUM_NODES"],
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "16"}],
    }
    ranges = [{"targetNodes": "0", "container": container}, {"targetNodes": "1:", "container": container}]
    properties = {"mainNode": 0, "numNodes": 2, "nodeRangeProperties": ranges}
    sent = batch.register_job_definition(jobDefinitionName="gang", type="multinode", nodeProperties=properties)
    (definition,) = batch.describe_job_definitions(jobDefinitions=[sent["jobDefinitionArn"]])["jobDefinitions"]
    equal([found["targetNodes"] for found in definition["nodeProperties"]["nodeRangeProperties"]], ["0", "1:"])
    # The main node waits for the other to have started, since its end would stop it.
    waiting = {"command": ["sh", "-c", "sleep 5; echo ${AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS-main}"]}
    overrides = {"nodePropertyOverrides": [{"targetNodes": "0:0", "containerOverrides": waiting}]}
    job_id = submit("gang", nodeOverrides=overrides)
    job = ended(job_id)
    assert_shape(job, "multiNodeParent")
    equal((job["status"], job["attempts"][0]["container"]["exitCode"]), ("SUCCEEDED", 0))
    main, other = batch.describe_jobs(jobs=[f"{job_id}#0", f"{job_id}#1"])["jobs"]
    for index, node in enumerate((main, other)):
        assert_shape(node, "endedNode")
        equal((node["nodeDetails"]["nodeIndex"], node["nodeDetails"]["isMainNode"]), (index, index == 0))
    address = main["container"]["networkInterfaces"][0]["privateIpv4Address"]
    equal((messages(main, 1), messages(other, 1)), (["main"], [f"{address} of 2"]))
    listed = batch.list_jobs(multiNodeJobId=job_id, jobStatus="SUCCEEDED")["jobSummaryList"]
    equal(sorted(summary["nodeProperties"]["nodeIndex"] for summary in listed), [0, 1])


@check
def tasks_of_several_containers_wait_for_one_another():
    requirements = [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "16"}]
    containers = [
        {"name": "prepares", "essential": False, "command": ["sh", "-c", "echo prepared"]},
        {
            "name": "works",
            "essential": True,
            "command": ["sh", "-c", "echo worked"],
            "dependsOn": [{"containerName": "prepares", "condition": "SUCCESS"}],
        },
    ]
    for container in containers:
        container.update(image="busybox", resourceRequirements=requirements)
    properties = {"taskProperties": [{"containers": containers}]}
    batch.register_job_definition(jobDefinitionName="task", type="container", ecsProperties=properties)
    job = ended(submit("task"))
    equal(job["status"], "SUCCEEDED")
    (task,) = job["ecsProperties"]["taskProperties"]
    equal([(c["name"], c["exitCode"]) for c in task["containers"]], [("prepares", 0), ("works", 0)])
    for container, line in zip(task["containers"], ("prepared", "worked")):
        equal(messages({"container": container}, 1), [line])


@check
def scheduling_policies_shape_a_queue():
    shares = {"shareDecaySeconds": 3600, "shareDistribution": [{"shareIdentifier": "a*", "weightFactor": 0.5}]}
    arn = batch.create_scheduling_policy(name="fair", fairsharePolicy=shares, tags={"k": "v"})["arn"]
    (policy,) = batch.describe_scheduling_policies(arns=[arn])["schedulingPolicies"]
    assert_shape(policy, "policy")
    equal(policy["fairsharePolicy"]["shareDecaySeconds"], 3600)
    equal([found["arn"] for found in batch.list_scheduling_policies()["schedulingPolicies"]], [arn])
    order = [{"order": 1, "computeEnvironment": "local"}]
    batch.create_job_queue(jobQueueName="shared", priority=1, schedulingPolicyArn=arn, computeEnvironmentOrder=order)
    job = ended(submit(hello, jobQueue="shared", shareIdentifier="ab", schedulingPriorityOverride=5))
    equal((job["status"], job["shareIdentifier"]), ("SUCCEEDED", "ab"))
    refused(batch.submit_job, jobName="x", jobQueue="shared", jobDefinition=hello)
    refused(batch.delete_scheduling_policy, arn=arn)
    batch.update_job_queue(jobQueue="shared", state="DISABLED")
    batch.delete_job_queue(jobQueue="shared")
    wait_until(lambda: not batch.describe_job_queues(jobQueues=["shared"])["jobQueues"], "the queue is gone")
    batch.delete_scheduling_policy(arn=arn)
    equal(batch.describe_scheduling_policies(arns=[arn])["schedulingPolicies"], [])


@check
def refusals_are_client_exceptions_that_name_the_member():
    response = refused(batch.submit_job, jobName="bad name!", jobQueue=queue, jobDefinition="hello")
    equal((response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]), (400, "ClientException"))
    assert "Job name" in response["Error"]["Message"] or "jobName" in response["Error"]["Message"], response["Error"]
    response = refused(batch.submit_job, jobName="x", jobQueue="nowhere", jobDefinition="hello")
    assert "does not exist" in response["Error"]["Message"], response["Error"]
    response = refused(batch.describe_jobs, jobs=["x"] * 101)
    assert "100" in response["Error"]["Message"], response["Error"]
    try:
        boto3.client("batch", aws_secret_access_key="wrong", aws_access_key_id="AKIAWRONG").describe_job_queues()
        raise AssertionError("a wrong key was accepted")
    except ClientError as error:
        equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 403)


@check
def the_caller_is_told_who_it_is():
    identity = boto3.client("sts").get_caller_identity()
    equal(identity["Account"], hello.split(":")[4])
    assert identity["Arn"] and identity["UserId"], identity


run_checks()
