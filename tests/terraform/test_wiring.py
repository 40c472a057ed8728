"""An environment holds exactly what the catalogue says, and what the local cloud holds."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet.catalogue import Catalogue, Function, derive
from fleet.catalogue.model import Scopes
from fleet.catalogue.rules import problems
from fleet.cloud import resources as local_cloud
from fleet.cost.estimate import estimate
from fleet.cost.inputs import TRAFFIC, Traffic, load_prices
from fleet.images.checks import ENTRY_POINT, TASK_ROOT
from fleet.paths import CATALOGUE
from terraform.offline import ACCOUNT, FIXTURE, REGION, Project, resources, write_variables

ENVIRONMENT = "dev"
AWS = f"arn:aws:{{service}}:{REGION}:{ACCOUNT}"


class Environment:
    """What Terraform made of a catalogue, by resource type."""

    def __init__(self, path: Path, shown: dict[str, Any]) -> None:
        self.root = path.parent
        self.catalogue = catalogue = Catalogue.model_validate(yaml.safe_load(path.read_text()))
        self._resources: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for resource in resources(shown):
            self._resources[resource["type"]].append(resource["values"])
        self.local = local_cloud.resources_of(catalogue, "http://local", 4, self.root)

    def everything(self) -> list[dict[str, Any]]:
        return [values for kind in self._resources.values() for values in kind]

    def all(self, kind: str) -> list[dict[str, Any]]:
        return self._resources[kind]

    def name(self, logical: str) -> str:
        return derive.physical_name(self.catalogue, ENVIRONMENT, logical)

    def function(self, logical: str) -> str:
        package_type = self.catalogue.package_type_of(logical)
        return self.name(logical) + ("-zip" if package_type == "zip" else "")

    def bucket(self, logical: str) -> str:
        return f"{self.name(logical)}-{ACCOUNT}"

    def state_machine_arn(self, logical: str) -> str:
        return arn("states", f"stateMachine:{self.name(logical)}")

    def queue_url(self, logical: str) -> str:
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self.name(logical)}"

    def queue_of(self, url: str) -> str:
        """The name of the queue with this URL."""
        return url.rsplit("/", 1)[1]

    def parameter(self, logical: str) -> str:
        return f"/{self.catalogue.project}/{ENVIRONMENT}/{logical}"

    @property
    def names(self) -> derive.Names:
        return derive.Names(
            bucket=self.bucket,
            queue=self.queue_url,
            table=self.name,
            secret=self.name,
            parameter=self.parameter,
            function=lambda logical: f"{self.function(logical)}:live",
            service=self.function,
            state_machine=self.state_machine_arn,
            namespace=f"{self.catalogue.project}-{ENVIRONMENT}",
        )

    def here(self, local_name: str) -> str:
        """The name here of a function, bucket, queue, table or rule of the local cloud."""
        logical = local_name.removeprefix(f"{self.catalogue.project}-{local_cloud.ENVIRONMENT}-")
        if logical in self.catalogue.functions:
            return self.function(logical)
        return self.bucket(logical) if logical in self.catalogue.buckets else self.name(logical)

    def by_name(self, kind: str, key: str = "name") -> dict[str, dict[str, Any]]:
        return {values[key]: values for values in self.all(kind)}


def arn(service: str, resource: str) -> str:
    return f"{AWS.format(service=service)}:{resource}"


def alias_of(arn_or_uri: str) -> str:
    """The function's name in an alias' ARN or invocation URI."""
    function = arn_or_uri.removesuffix("/invocations").split(":function:")[1]
    assert function.endswith(":live")
    return function.removesuffix(":live")


def images(catalogue: Catalogue) -> dict[str, str]:
    return {
        name: f"0123456789abcdef-{catalogue.architecture_of(name)}@sha256:{number:064x}"
        for number, name in enumerate(catalogue.images)
        if catalogue.package_type_of(name) == "image"
    }


def zips(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    package = {"bucket": "b", "key": "k", "source_code_hash": "A" * 43 + "="}
    return {n: package for n in catalogue.images if catalogue.package_type_of(n) == "zip"}


@pytest.fixture(scope="module", params=[CATALOGUE, FIXTURE], ids=["project", "fixture"])
def environment(
    request: pytest.FixtureRequest,
    offline_project: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> Environment:
    path: Path = request.param
    if path == CATALOGUE:
        # The copy has an authorizer, which authorized routes need.
        path = offline_project.root / path.name
    catalogue = Catalogue.model_validate(yaml.safe_load(path.read_text()))
    folder = tmp_path_factory.mktemp("environment")
    variables = write_variables(
        folder / "variables.tfvars.json",
        catalogue=str(path),
        images=images(catalogue),
        zips=zips(catalogue),
    )
    done = offline_project.run(
        "terraform",
        f"terraform apply -no-color -auto-approve -input=false"
        f" -var-file=environments/{ENVIRONMENT}.tfvars -var-file={variables} >&2 &&"
        f" terraform show -json > {folder}/shown.json",
    )
    assert done.returncode == 0, done.stderr
    return Environment(path, json.loads((folder / "shown.json").read_text()))


def test_the_fixture_is_a_good_catalogue_that_uses_everything() -> None:
    catalogue = Catalogue.model_validate(yaml.safe_load(FIXTURE.read_text()))

    assert [p for p in problems(catalogue, FIXTURE.parent) if p[0][-1] != "folder"] == []
    functions = catalogue.functions.values()
    used = {t.type for f in functions for t in f.triggers}
    assert used == {"s3", "queue", "schedule", "http"}
    routes = [t for f in functions for t in f.triggers if t.type == "http"]
    assert {type(t.authorized) for t in routes} == {bool, Scopes, type(None)}
    unset = set(Function.model_fields) - {k for f in functions for k in f.model_fields_set}
    assert unset == set()


def test_functions(environment: Environment) -> None:
    made = environment.by_name("aws_lambda_function", "function_name")

    assert set(made) == {environment.function(name) for name in environment.catalogue.functions}
    for name, function in environment.catalogue.functions.items():
        values = made[environment.function(name)]
        assert values["description"] == function.description
        assert values["architectures"] == [environment.catalogue.architecture_of(name)]
        assert values["memory_size"] == function.memory_mb
        assert values["timeout"] == function.timeout_s
        assert values["ephemeral_storage"] == [{"size": function.ephemeral_storage_mb}]
        assert bool(values["snap_start"]) == function.snapstart
        assert values["reserved_concurrent_executions"] == (function.reserved_concurrency or -1)
        owner = environment.catalogue.owner_of(name)
        if environment.catalogue.package_type_of(name) == "image":
            digest = images(environment.catalogue)[owner].split("@")[1]
            repository = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
            project = environment.catalogue.project
            assert values["image_uri"] == f"{repository}/{project}/{owner}@{digest}"
            assert values["image_config"] == [
                {
                    "entry_point": ENTRY_POINT,
                    "command": [function.handler],
                    "working_directory": TASK_ROOT,
                }
            ]
        else:
            assert values["handler"] == function.handler


def test_concurrency_retries_and_alarms(environment: Environment) -> None:
    functions = environment.catalogue.functions
    provisioned = {
        values["function_name"]: values["provisioned_concurrent_executions"]
        for values in environment.all("aws_lambda_provisioned_concurrency_config")
    }
    assert provisioned == {
        environment.function(n): f.provisioned_concurrency
        for n, f in functions.items()
        if f.provisioned_concurrency
    }
    retries = {
        values["function_name"]: values["maximum_retry_attempts"]
        for values in environment.all("aws_lambda_function_event_invoke_config")
    }
    assert retries == {
        environment.function(n): f.async_retries
        for n, f in functions.items()
        if any(t.type == "schedule" for t in f.triggers)
    }
    thresholds = {
        name: values["threshold"]
        for name, values in environment.by_name("aws_cloudwatch_metric_alarm", "alarm_name").items()
    }
    for name, function in functions.items():
        physical = environment.function(name)
        assert thresholds[f"{physical}-errors"] == function.alarms.errors
        assert thresholds[f"{physical}-throttles"] == function.alarms.throttles
        slowest = function.timeout_s * 1000 * function.alarms.duration_percent / 100
        assert thresholds[f"{physical}-duration"] == slowest
        consumed = derive.consumed_queues(environment.catalogue, name)
        assert thresholds.get(f"{physical}-failed-messages") == (
            function.alarms.errors if consumed else None
        )
        serves = any(trigger.type == "http" for trigger in function.triggers)
        assert thresholds.get(f"{physical}-failed-requests") == (
            function.alarms.errors if serves else None
        )


def test_environment_variables(environment: Environment) -> None:
    made = environment.by_name("aws_lambda_function", "function_name")

    for name in environment.catalogue.functions:
        wanted = derive.variables(environment.catalogue, name, environment.names)
        assert _variables(made[environment.function(name)]) == wanted


def test_environment_variables_are_those_of_the_local_cloud(environment: Environment) -> None:
    made = environment.by_name("aws_lambda_function", "function_name")

    for local in environment.local.functions:
        variables = set(_variables(made[environment.here(local.name)]))
        assert variables == set(local.environment) - {"AWS_SAM_LOCAL"}


def _variables(function: dict[str, Any]) -> dict[str, str]:
    blocks = function["environment"]
    return blocks[0]["variables"] if blocks else {}


def test_permissions(environment: Environment) -> None:
    """Each role may do what its function's entry says, and nothing else."""
    made = {values["role"]: values for values in environment.all("aws_iam_role_policy")}
    failures = {values["name"] for values in environment.all("aws_sqs_queue")}

    for name, function in environment.catalogue.functions.items():
        physical = environment.function(name)
        allowed = set()
        for statement in json.loads(made[physical]["policy"])["Statement"]:
            assert statement["Effect"] == "Allow"
            allowed |= {
                (action, resource)
                for action in _listed(statement["Action"])
                for resource in _listed(statement["Resource"])
            }
        wanted = set(_permissions(environment, name, function))
        wanted |= {
            ("states:StartExecution", environment.state_machine_arn(machine))
            for machine, entry in environment.catalogue.state_machines.items()
            if name in entry.started_by
        }
        logs = arn("logs", f"log-group:/aws/lambda/{physical}:*")
        wanted |= {("logs:CreateLogStream", logs), ("logs:PutLogEvents", logs)}
        wanted |= {("xray:PutTraceSegments", "*"), ("xray:PutTelemetryRecords", "*")}
        if f"{physical}-failures" in failures:
            wanted.add(("sqs:SendMessage", arn("sqs", f"{physical}-failures")))
        assert allowed == wanted


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _permissions(
    environment: Environment, name: str, function: Function
) -> Iterator[tuple[str, str]]:
    bucket_arn = "arn:aws:s3:::{}".format
    for bucket in {*function.reads.buckets, *function.writes.buckets}:
        yield "s3:ListBucket", bucket_arn(environment.bucket(bucket))
    for bucket in function.reads.buckets:
        for action in ("GetObject", "GetObjectVersion"):
            yield f"s3:{action}", bucket_arn(environment.bucket(bucket)) + "/*"
    for bucket in function.writes.buckets:
        for action in ("PutObject", "DeleteObject", "AbortMultipartUpload"):
            yield f"s3:{action}", bucket_arn(environment.bucket(bucket)) + "/*"
    for bucket in function.inspects.buckets:
        for action in (
            "GetEncryptionConfiguration",
            "GetLifecycleConfiguration",
            "GetBucketVersioning",
        ):
            yield f"s3:{action}", bucket_arn(environment.bucket(bucket))
    consumed = {queue.name for queue in derive.consumed_queues(environment.catalogue, name)}
    for queue in {*function.reads.queues, *consumed}:
        for action in (
            "ReceiveMessage",
            "DeleteMessage",
            "ChangeMessageVisibility",
            "GetQueueAttributes",
        ):
            yield f"sqs:{action}", arn("sqs", environment.name(queue))
    for queue in {*function.writes.queues, *([derive.dead_letters(name)] if consumed else [])}:
        yield "sqs:SendMessage", arn("sqs", environment.name(queue))
    for table in function.reads.tables:
        for action in ("GetItem", "BatchGetItem", "Query"):
            yield f"dynamodb:{action}", arn("dynamodb", f"table/{environment.name(table)}")
    for table in function.writes.tables:
        for action in (
            "PutItem",
            "UpdateItem",
            "DeleteItem",
            "BatchWriteItem",
            "ConditionCheckItem",
        ):
            yield f"dynamodb:{action}", arn("dynamodb", f"table/{environment.name(table)}")
    for called in function.calls:
        target = arn("lambda", f"function:{environment.function(called)}:live")
        yield "lambda:InvokeFunction", target
    for secret in function.secrets:
        # AWS adds six characters to the name; the data source tells them.
        found = secret_arns(environment)[environment.name(secret)]
        yield "secretsmanager:GetSecretValue", found
    for parameter in function.parameters:
        for action in ("GetParameter", "GetParameters"):
            yield f"ssm:{action}", arn("ssm", f"parameter{environment.parameter(parameter)}")


def secret_arns(environment: Environment) -> dict[str, str]:
    """By name: the ARN that some role may read, whose name is followed by a random suffix."""
    found = {}
    for values in environment.all("aws_iam_role_policy"):
        for statement in json.loads(values["policy"])["Statement"]:
            if statement["Action"] == "secretsmanager:GetSecretValue":
                for resource in _listed(statement["Resource"]):
                    found[resource.rsplit(":", 1)[1].rpartition("-")[0]] = resource
    return found


def test_queues(environment: Environment) -> None:
    made = environment.by_name("aws_sqs_queue")
    local = {environment.here(queue.name): queue for queue in environment.local.queues}
    consumed = {
        environment.name(queue.name): queue
        for function in environment.catalogue.functions
        for queue in derive.consumed_queues(environment.catalogue, function)
    }

    failures = {name for name in made if name.endswith("-failures")}
    assert set(made) - failures - {undelivered(environment)} == set(local)
    for name, queue in local.items():
        redrive = json.loads(made[name]["redrive_policy"] or "null")
        assert redrive == (
            {
                "deadLetterTargetArn": arn("sqs", environment.here(queue.redrive.dead_letters)),
                "maxReceiveCount": queue.redrive.max_receive_count,
            }
            if queue.redrive
            else None
        )
        if name in consumed:
            # The local cloud never throttles and waits for no window, see fleet.cloud.resources.
            room = 6 * queue.visibility_s + consumed[name].batch_window_s
            assert made[name]["visibility_timeout_seconds"] == room


def test_dead_letter_queues(environment: Environment) -> None:
    """Each takes messages of its function's queues only, and one message raises its alarm."""
    allowed = {
        values["queue_url"]: json.loads(values["redrive_allow_policy"])
        for values in environment.all("aws_sqs_queue_redrive_allow_policy")
    }
    sources = defaultdict(set)
    for queue in environment.local.queues:
        if queue.redrive:
            sources[environment.here(queue.redrive.dead_letters)].add(environment.here(queue.name))

    wanted = {name: {arn("sqs", queue) for queue in queues} for name, queues in sources.items()}
    if environment.local.event_rules or environment.local.schedules:
        wanted[undelivered(environment)] = set()
    made = {
        environment.queue_of(url): set(policy.get("sourceQueueArns", []))
        for url, policy in allowed.items()
    }
    assert made == wanted
    for policy in allowed.values():
        listed = "sourceQueueArns" in policy
        assert policy["redrivePermission"] == ("byQueue" if listed else "denyAll")
    depths = {
        values["dimensions"]["QueueName"]: values["threshold"]
        for values in environment.all("aws_cloudwatch_metric_alarm")
        if values["metric_name"] == "ApproximateNumberOfMessagesVisible"
        and not values["dimensions"]["QueueName"].endswith("-failures")
    }
    assert depths == dict.fromkeys(wanted, 0)


def test_who_may_send_to_queues(environment: Environment) -> None:
    """EventBridge may, for the queue's own rule; for undelivered events, for every rule."""
    rules = {environment.here(rule.name) for rule in environment.local.event_rules}
    schedules = {environment.here(schedule.name) for schedule in environment.local.schedules}
    wanted = {
        environment.here(queue.name): {environment.here(queue.name)} & rules
        for queue in environment.local.queues
    }
    if rules | schedules:
        wanted[undelivered(environment)] = rules | schedules

    made = defaultdict(set)
    for values in environment.all("aws_sqs_queue_policy"):
        name = environment.queue_of(values["queue_url"])
        made[name] = set()
        for statement in json.loads(values["policy"])["Statement"]:
            assert statement["Resource"] == arn("sqs", name)
            if statement["Effect"] == "Deny":
                assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
                continue
            assert statement["Action"] == "sqs:SendMessage"
            assert statement["Principal"] == {"Service": "events.amazonaws.com"}
            assert list(statement["Condition"]) == ["ArnEquals"]
            assert list(statement["Condition"]["ArnEquals"]) == ["aws:SourceArn"]
            made[name] |= set(_listed(statement["Condition"]["ArnEquals"]["aws:SourceArn"]))
    assert made == {
        name: {arn("events", f"rule/{rule}") for rule in senders}
        for name, senders in wanted.items()
    }


def undelivered(environment: Environment) -> str:
    return environment.name(derive.UNDELIVERED_EVENTS)


def test_buckets(environment: Environment) -> None:
    made = set(environment.by_name("aws_s3_bucket", "bucket"))

    assert made == {environment.here(bucket) for bucket in environment.local.buckets}


def test_buckets_send_their_events_to_eventbridge(environment: Environment) -> None:
    made = {
        values["bucket"]: (values["eventbridge"], values["queue"])
        for values in environment.all("aws_s3_bucket_notification")
    }

    buckets = {environment.here(rule.bucket) for rule in environment.local.event_rules}
    assert made == dict.fromkeys(buckets, (True, []))


def test_event_rules(environment: Environment) -> None:
    """The patterns are those of the local cloud, but for the bucket's name."""
    made = {
        values["name"]: json.loads(values["event_pattern"])
        for values in environment.all("aws_cloudwatch_event_rule")
        if values["event_pattern"]
    }

    wanted = {}
    for rule in environment.local.event_rules:
        pattern = json.loads(rule.pattern)
        pattern["detail"]["bucket"]["name"] = [environment.here(rule.bucket)]
        wanted[environment.here(rule.name)] = pattern
    assert made == wanted
    triggers = [t for f in environment.catalogue.functions.values() for t in f.triggers]
    assert len(made) == sum(t.type == "s3" for t in triggers)


def test_targets(environment: Environment) -> None:
    made = {values["rule"]: values for values in environment.all("aws_cloudwatch_event_target")}

    local = environment.local
    queues = {environment.here(rule.name) for rule in local.event_rules}
    functions = {environment.here(s.name): environment.here(s.function) for s in local.schedules}
    assert {rule: values["arn"] for rule, values in made.items()} == {
        **{rule: arn("sqs", rule) for rule in queues},
        **{rule: f"{arn('lambda', 'function')}:{f}:live" for rule, f in functions.items()},
    }
    for rule, values in made.items():
        assert values["dead_letter_config"] == [{"arn": arn("sqs", undelivered(environment))}]
        (retry,) = values["retry_policy"]
        # EventBridge allows both no more.
        assert retry["maximum_retry_attempts"] == 185
        if rule in queues:
            assert retry["maximum_event_age_in_seconds"] == 24 * 60 * 60


def test_alarms_tell_of_events_that_are_not_delivered(environment: Environment) -> None:
    made = {
        (values["dimensions"]["RuleName"], values["metric_name"], values["threshold"])
        for values in environment.all("aws_cloudwatch_metric_alarm")
        if values["namespace"] == "AWS/Events"
    }

    rules = [*environment.local.event_rules, *environment.local.schedules]
    assert made == {
        (environment.here(rule.name), metric, 0)
        for rule in rules
        for metric in ("FailedInvocations", "InvocationsFailedToBeSentToDlq")
    }


def test_the_estimate_of_costs_counts_every_alarm(environment: Environment) -> None:
    traffic = Traffic.model_validate(yaml.safe_load(TRAFFIC.read_text()))
    items = estimate(environment.catalogue, traffic, load_prices())

    counted = sum(item.quantity for item in items if item.what == "alarms")
    assert counted == len(environment.all("aws_cloudwatch_metric_alarm"))


def test_event_source_mappings(environment: Environment) -> None:
    made = environment.all("aws_lambda_event_source_mapping")

    assert {(v["event_source_arn"], alias_of(v["function_name"])) for v in made} == {
        (arn("sqs", environment.here(m.queue)), environment.here(m.function))
        for m in environment.local.mappings
    }
    consumed = {
        arn("sqs", environment.name(queue.name)): queue
        for function in environment.catalogue.functions
        for queue in derive.consumed_queues(environment.catalogue, function)
    }
    assert len(made) == len(consumed)
    for values in made:
        queue = consumed[values["event_source_arn"]]
        assert values["function_response_types"] == ["ReportBatchItemFailures"]
        assert values["batch_size"] == queue.batch_size
        assert values["maximum_batching_window_in_seconds"] == queue.batch_window_s
        assert values["scaling_config"] == [{"maximum_concurrency": queue.max_concurrency}]


def test_schedules(environment: Environment) -> None:
    made = {
        values["name"]: values["schedule_expression"]
        for values in environment.all("aws_cloudwatch_event_rule")
        if values["schedule_expression"]
    }

    assert made == {environment.here(s.name): s.expression for s in environment.local.schedules}


def test_routes(environment: Environment) -> None:
    functions = {
        f"integrations/{v['id']}": alias_of(v["integration_uri"])
        for v in environment.all("aws_apigatewayv2_integration")
    }
    made = {
        (v["route_key"], functions[v["target"]], v["authorization_type"] == "CUSTOM")
        for v in environment.all("aws_apigatewayv2_route")
    }

    assert made == {
        (r.key, environment.here(r.function), r.authorized) for r in environment.local.routes
    }
    authorizers = environment.all("aws_apigatewayv2_authorizer")
    guarded = {
        v["authorizer_id"] for v in environment.all("aws_apigatewayv2_route") if v["authorizer_id"]
    }
    assert guarded <= {v["id"] for v in authorizers}
    wanted = environment.local.authorizer if environment.local.routes else None
    assert [alias_of(v["authorizer_uri"]) for v in authorizers] == (
        [environment.here(wanted)] if wanted else []
    )


def test_invokers(environment: Environment) -> None:
    made = {
        (v["function_name"], v["qualifier"], v["principal"], v["source_arn"])
        for v in environment.all("aws_lambda_permission")
    }

    local = environment.local
    wanted = {
        (
            environment.here(s.function),
            "live",
            "events.amazonaws.com",
            arn("events", f"rule/{environment.here(s.name)}"),
        )
        for s in local.schedules
    }
    for api in environment.all("aws_apigatewayv2_api"):
        called = {r.function for r in local.routes} | {local.authorizer} - {None}
        wanted |= {
            (
                environment.here(function),
                "live",
                "apigateway.amazonaws.com",
                f"{api['execution_arn']}/*",
            )
            for function in called
        }
    assert made == wanted


def test_tables(environment: Environment) -> None:
    made = environment.by_name("aws_dynamodb_table")

    assert {name: (v["hash_key"], v["range_key"] or None, _ttl(v)) for name, v in made.items()} == {
        environment.here(table.name): (table.partition_key, table.sort_key, table.ttl_attribute)
        for table in environment.local.tables
    }


def test_state_machines(environment: Environment) -> None:
    made = environment.by_name("aws_sfn_state_machine")
    roles = {values["role"]: values["policy"] for values in environment.all("aws_iam_role_policy")}
    local = {environment.here(m.name): m.definition for m in environment.local.state_machines}

    assert set(made) == set(local)
    for name, machine in environment.catalogue.state_machines.items():
        physical = environment.name(name)
        assert _shape(made[physical]["definition"]) == _shape(local[physical])
        template = (environment.root / machine.definition).read_text()
        functions = {n: f"{arn('lambda', 'function')}:{environment.function(n)}:live"
                     for n in machine.invokes}  # fmt: skip
        values = derive.placeholders(machine, functions.__getitem__, environment.bucket)
        assert made[physical]["definition"] == derive.fill(template, values)

        allowed: dict[str, set[str]] = defaultdict(set)
        for statement in json.loads(roles[f"{physical}-states"])["Statement"]:
            for action in _listed(statement["Action"]):
                allowed[action] |= set(_listed(statement["Resource"]))
        assert allowed["lambda:InvokeFunction"] == set(functions.values())
        read = {f"arn:aws:s3:::{environment.bucket(b)}" for b in machine.reads.buckets}
        written = {f"arn:aws:s3:::{environment.bucket(b)}" for b in machine.writes.buckets}
        assert allowed["s3:ListBucket"] == read
        assert allowed["s3:PutObject"] == {f"{bucket}/*" for bucket in written}
        assert allowed["s3:GetObject"] == {f"{bucket}/*" for bucket in read | written}
        assert allowed["states:StartExecution"] == {environment.state_machine_arn(name)}
        own = arn("states", f"execution:{physical}")
        assert allowed["states:RedriveExecution"] == {f"{own}:*", f"{own}/*"}


def _shape(definition: str) -> Any:
    """The definition without the names that differ between clouds."""
    return re.sub(r'"(arn:aws:lambda:[^"]*|(fleet|shop)-(local|dev)-[^"]*)"', '""', definition)


def _ttl(table: dict[str, Any]) -> str | None:
    return table["ttl"][0]["attribute_name"] or None if table["ttl"] else None


def test_everything_that_can_be_is_tagged(environment: Environment) -> None:
    wanted = {
        "Project": environment.catalogue.project,
        "Environment": ENVIRONMENT,
        "Stack": f"{environment.catalogue.project}-{ENVIRONMENT}",
        "ManagedBy": "terraform",
    }
    tagged = [v for v in environment.everything() if v.get("tags_all") is not None]

    assert len(tagged) > len(environment.catalogue.functions)
    assert all(values["tags_all"].items() >= wanted.items() for values in tagged)
