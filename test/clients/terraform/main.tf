# Everything that Batch keeps as configuration. `changed` alters each resource in place, or makes a new revision of it.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "changed" {
  type    = bool
  default = false
}

resource "aws_batch_scheduling_policy" "shares" {
  name = "shares"

  fair_share_policy {
    compute_reservation = 1
    share_decay_seconds = var.changed ? 7200 : 3600

    share_distribution {
      share_identifier = "A1*"
      weight_factor    = 0.1
    }

    share_distribution {
      share_identifier = "A2"
      weight_factor    = 0.2
    }
  }

  tags = { purpose = var.changed ? "changed" : "shares" }
}

resource "aws_batch_compute_environment" "hosts" {
  compute_environment_name = "hosts"
  type                     = "UNMANAGED"
  state                    = var.changed ? "DISABLED" : "ENABLED"

  tags = { owner = "terraform" }
}

resource "aws_batch_job_queue" "fair" {
  name                  = "fair"
  state                 = "ENABLED"
  priority              = var.changed ? 7 : 3
  scheduling_policy_arn = aws_batch_scheduling_policy.shares.arn

  compute_environment_order {
    order               = 1
    compute_environment = aws_batch_compute_environment.hosts.arn
  }

  job_state_time_limit_action {
    action           = "CANCEL"
    max_time_seconds = 600
    reason           = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
    state            = "RUNNABLE"
  }

  tags = var.changed ? { a = "2", c = "3" } : { a = "1", b = "2" }
}

resource "aws_batch_job_definition" "work" {
  name = "work"
  type = "container"

  container_properties = jsonencode({
    image   = "busybox"
    command = ["echo", var.changed ? "changed" : "first"]
    environment = [
      { name = "EMPTY", value = "" },
      { name = "NAME", value = "value" },
    ]
    mountPoints = []
    privileged  = false
    resourceRequirements = [
      { type = "VCPU", value = "1" },
      { type = "MEMORY", value = "64" },
    ]
    volumes = []
  })

  parameters = { unreferenced = "kept" }

  retry_strategy {
    attempts = 3

    evaluate_on_exit {
      action       = "RETRY"
      on_exit_code = "75"
    }

    evaluate_on_exit {
      action    = "EXIT"
      on_reason = "*"
    }
  }

  timeout {
    attempt_duration_seconds = 600
  }

  tags = { purpose = "work" }
}

output "definition" {
  value = aws_batch_job_definition.work.arn
}
