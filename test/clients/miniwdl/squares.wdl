version 1.0

# A scatter whose shards meet in one task, with a task that fails at first and one whose failure is caught by nobody.
workflow squares {
    input {
        Array[Int] numbers
        Boolean fail = false
    }
    scatter (number in numbers) {
        call square { input: number = number }
    }
    call total { input: squares = square.file }
    if (fail) {
        call fails { input: after = total.sum }
    }
    output {
        Array[Int] values = square.value
        Array[String] jobs = square.job
        Int sum = total.sum
    }
}

task square {
    input {
        Int number
    }
    command <<<
        echo $((~{number} * ~{number})) >square
        echo "$AWS_BATCH_JOB_ID"
        echo "squared ~{number}" >&2
    >>>
    output {
        Int value = read_int("square")
        File file = "square"
        String job = read_string(stdout())
    }
    runtime {
        docker: "ubuntu:22.04"
        cpu: 1
        memory: "128 MiB"
    }
}

task total {
    input {
        Array[File] squares
    }
    # Each try is a job of its own in the same directory: the first leaves a mark there and fails.
    command <<<
        mark="$(dirname "$PWD")/tried"
        if [ ! -e "$mark" ]; then touch "$mark"; exit 7; fi
        awk '{ sum += $1 } END { print sum }' ~{sep=" " squares}
    >>>
    output {
        Int sum = read_int(stdout())
    }
    runtime {
        docker: "ubuntu:22.04"
        maxRetries: 1
    }
}

task fails {
    input {
        Int after
    }
    command <<<
        echo "the reason why, after ~{after}" >&2
        exit 42
    >>>
    runtime {
        docker: "ubuntu:22.04"
    }
}
