"""A redun workflow whose tasks are Batch jobs: enough alike to become an array, a script, one that fails."""

import os

from redun import catch, task

redun_namespace = "longshore"


@task(executor="batch")
def square(number):
    return number**2, os.environ["AWS_BATCH_JOB_ID"], os.environ.get("AWS_BATCH_JOB_ARRAY_INDEX")


@task(executor="batch", script=True)
def greeting(name):
    return f"""
    echo "hello {name}"
    """


@task(executor="batch", timeout=600, batch_tags={"purpose": "failing"})
def fails(text):
    print("about to fail")
    raise ValueError(text)


@task()
def recover(error):
    return f"caught {error}"


@task()
def main():
    return {
        "squares": [square(number) for number in range(5)],
        "greeting": greeting("sea"),
        "caught": catch(fails("on purpose"), ValueError, recover),
    }
