/** Where Longshore is deliberately not like AWS Batch. */
export const differences: { where: string; aws: string; longshore: string; why: string }[] = [
  {
    where: 'array size',
    aws: 'up to 10,000',
    longshore: 'up to 1,000,000',
    why: 'an array is one row, whatever its size',
  },
  {
    where: 'dependencies of a job',
    aws: 'up to 20',
    longshore: 'up to 1,000',
    why: 'they are looked up and stored together',
  },
  {
    where: 'VCPU on EC2',
    aws: 'whole numbers',
    longshore: 'thousandths, such as 0.25',
    why: 'hosts share their CPUs by weight; clients do send fractions',
  },
  {
    where: 'compute resources of an UNMANAGED environment',
    aws: 'dropped, and not described',
    longshore: 'dropped; described as `{type: EC2}`, except to Terraform',
    why: 'a client indexes the type; Terraform would replace the environment for what its user did not write',
  },
  {
    where: '`serviceRole` of an UNMANAGED environment',
    aws: 'required',
    longshore: 'may be missing or empty',
    why: 'there is no service to give it to',
  },
  {
    where: 'MANAGED environments',
    aws: 'launch capacity',
    longshore: 'launch none yet; hosts join them through the agent like any other',
    why: 'the adapters of EC2 and Fargate come later; a job that waits says that no host is connected',
  },
  {
    where: 'changes of queues and environments',
    aws: 'take seconds to minutes (CREATING, UPDATING, DELETING)',
    longshore: 'are done when they are answered: VALID, or gone',
    why: 'there is nothing to wait for',
  },
  {
    where: 'multi-node jobs',
    aws: 'not in UNMANAGED environments; one node an instance; one network interface a node',
    longshore: 'in any environment; nodes share hosts where there are too few; the network of the host',
    why: 'hosts are what people bring',
  },
  {
    where: 'cancelling a PENDING job',
    aws: 'takes effect when its dependencies have ended',
    longshore: 'at once',
    why: 'nothing is gained by waiting',
  },
  {
    where: '`Container Overrides length must be at most 8192`',
    aws: 'counts the command',
    longshore: 'does not count the command',
    why: 'workflow tools send scripts of 30 KiB as commands',
  },
  {
    where: 'consumable resources in short supply',
    aws: 'the job waits at the head of its queue',
    longshore: 'the job is set aside with its reason; others go on',
    why: 'a licence that is out must not stop what needs none',
  },
  {
    where: 'overriding consumable resources',
    aws: 'not documented in detail',
    longshore: 'an entry replaces the entry of the same resource; the rest of the definition stays',
    why: 'as environment variables are overridden',
  },
  {
    where: 'jobs without a share on a fair-share queue',
    aws: 'refused',
    longshore: 'refused; the order is FIFO by priority all the same',
    why: 'fair-share order comes later',
  },
  {
    where: 'single CancelJob and TerminateJob of unknown ids',
    aws: 'not documented',
    longshore: '200, nothing changes',
    why: 'as the bulk operations document it',
  },
  {
    where: 'log streams',
    aws: 'exist from the start of the task',
    longshore: 'exist from their first line',
    why: 'a job that prints nothing costs nothing; followers wait on ResourceNotFoundException',
  },
  {
    where: 'log drivers',
    aws: 'send output elsewhere',
    longshore: 'are described back; output goes to the log store',
    why: 'so that every job can be read the same way',
  },
]
