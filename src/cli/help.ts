const general = `longshore: a batch scheduler that speaks the AWS Batch API

  longshore dev     the whole product on this machine: server, durable state, one local agent
  longshore agent   offers this machine's CPUs, memory and GPUs to a compute environment
  longshore explain ID   why a job is where it is, and what would let a waiting one go on
  longshore replay FILE  how a trace or a recorded history would have fared under another policy

  longshore COMMAND --help   the options of a command
  longshore --version
`

const dev = `longshore dev [options]: the whole product on this machine

  --port N            where to listen (8787); 0 takes a free port
  --host ADDRESS      the address to listen on (127.0.0.1)
  --data DIR          durable state, keys and the files clients source (.longshore)
  --no-agent          run no local agent
  --history-days N    for how many days ended jobs stay to be looked at (14)
  --runtime NAME      how the agent runs jobs: docker or process (docker where it is there)
  --vcpus N           offer so many vCPUs instead of what the machine has
  --memory-mib N      offer so much memory instead of what the machine has
  --inject-env K=V    give every job this environment variable; may be repeated

Prints one line once it is ready. Then, in another shell: . DIR/env
SIGINT or SIGTERM stops it; running jobs keep running and are found again at the next start on DIR.
`

const agent = `longshore agent --url URL [options]: offers this machine to a compute environment

  --url URL           the server
  --token T           the agent token, better given as LONGSHORE_AGENT_TOKEN
  --environment NAME  the compute environment to join (local)
  --runtime NAME      docker or process (docker where it is there)
  --data DIR          what must outlive the agent: running attempts, unshipped logs (.longshore-agent)
  --inject-env K=V    give every job this environment variable; may be repeated
  --vcpus N           offer so many vCPUs instead of what the machine has
  --memory-mib N      offer so much memory instead of what the machine has
  --label K=V         a label of this host; may be repeated
  --docker-network N  the network containers join

SIGINT or SIGTERM stops it; running jobs keep running and are found again at the next start on DIR.
`

const explain = `longshore explain ID [options]: why a job is where it is, and what would let a waiting one go on

  --url URL           the server, or LONGSHORE_URL
  --token T           the admin token, better given as LONGSHORE_TOKEN
  --json              the answer of the API as it is

DIR/env, which longshore dev writes, sets both variables. ID is a job's, or a child's (ID:INDEX).
`

const replay = `longshore replay FILE [options]: runs a trace or a recorded history under another policy, in virtual time

  --policy FILE       JSON: schedulingSettings and fairsharePolicy, as in the API; without it
                      first come, first served, with backfilling
  --processors N      vCPUs there are; without it what the trace says of itself (MaxProcs)
  --against NAMES     what to compare with, by commas (easy,fifo): fifo, first-fit, easy, easy-sjbf,
                      easy-exact, easy-sjbf-exact, or strict, which is Longshore with the same
                      policy that lets nobody by
  --owner NAME        whose share a job of a log counts for: user, group or queue (user)
  --json              all figures as JSON

FILE is a log in the Standard Workload Format, or what DescribeJobs answers: one answer, or one
job or answer a line. Either may be compressed by gzip.
`

/** Usage of one command, or of all of them. */
export const helpTexts = { general, dev, agent, explain, replay }
