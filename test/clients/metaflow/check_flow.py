"""A flow whose every remote step is a Batch job: foreach, @retry, @timeout, @catch, num_parallel."""

import os
import time

from metaflow import FlowSpec, batch, catch, current, parallel, resources, retry, step, timeout


class CheckFlow(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2]
        self.next(self.fan_out, self.flaky, self.slow)

    @step
    def fan_out(self):
        self.next(self.square, foreach="items")

    @batch(memory=1024)
    @resources(cpu=1)
    @step
    def square(self):
        self.value = self.input**2
        self.job = os.environ["AWS_BATCH_JOB_ID"]
        self.next(self.squared)

    @step
    def squared(self, inputs):
        self.squares = [task.value for task in inputs]
        self.jobs = [task.job for task in inputs]
        self.next(self.spread)

    @step
    def spread(self):
        self.next(self.gang, num_parallel=2)

    @batch(memory=1024)
    @parallel
    @step
    def gang(self):
        self.node = (current.parallel.node_index, current.parallel.num_nodes, current.parallel.main_ip)
        self.next(self.ganged)

    @step
    def ganged(self, inputs):
        self.nodes = sorted(task.node for task in inputs)
        self.squares = inputs[0].squares
        self.jobs = inputs[0].jobs
        self.next(self.join)

    @batch(memory=1024)
    @retry(times=2, minutes_between_retries=0)
    @catch(var="failure", print_exception=False)
    @step
    def flaky(self):
        if current.retry_count == 0:
            # As if the process were shot: no exception, no artifact.
            os._exit(75)
        if current.retry_count == 1:
            raise ValueError("try again")
        self.tries = current.retry_count
        self.next(self.join)

    @batch(memory=1024)
    @timeout(seconds=60)
    @catch(var="late", print_exception=False)
    @step
    def slow(self):
        time.sleep(600)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.squares = inputs.ganged.squares
        self.jobs = inputs.ganged.jobs
        self.nodes = inputs.ganged.nodes
        self.failure = inputs.flaky.failure
        self.tries = inputs.flaky.tries
        self.late = inputs.slow.late
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CheckFlow()
