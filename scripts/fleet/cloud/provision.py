"""Makes the local cloud hold what the catalogue says: one way for both modes.

What exists and is right is left alone, so a second run changes nothing. What the catalogue no
longer names is removed, but for what holds data: buckets, queues, tables, secrets, parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from fleet import key_value_stores
from fleet.cloud.local_values import LocalValues
from fleet.cloud.resources import EventSourceMapping, FunctionResource, Resources, arn
from fleet.emulation import ACCOUNT, REGION, client

ROLE = f"arn:aws:iam::{ACCOUNT}:role/lambda"
AUTHORIZER = "authorizer"
DEFAULT_STAGE = "$default"
NO_VALUES = LocalValues()


def provision(
    resources: Resources,
    endpoint: str,
    image_for: Callable[[str], str],
    values: LocalValues = NO_VALUES,
) -> list[str]:
    """Make the resources; return what was changed, one line each.

    `image_for` turns the logical name of an image's owner into the image's. Raises botocore's
    ClientError if the endpoint refuses something, and FleetError for what cannot be changed.
    """
    stored = list(
        key_value_stores.provision(resources, endpoint, values.secrets, values.parameters)
    )
    return stored + Provisioner(resources, endpoint).apply(image_for)


class Provisioner:
    """One run over the resources; `changes` grows as it goes."""

    def __init__(self, resources: Resources, endpoint: str) -> None:
        self.resources = resources
        self.changes: list[str] = []
        services = ("s3", "sqs", "lambda", "events", "apigatewayv2", "stepfunctions")
        self._s3, self._sqs, self._lambda, self._events, self._api, self._states = (
            client(service, endpoint) for service in services
        )

    def apply(self, image_for: Callable[[str], str]) -> list[str]:
        self._buckets()
        self._queues()
        for function in self.resources.functions:
            self._function(function, image_for(function.image))
        self._stale_functions()
        self._mappings()
        self._rules()
        self._notifications()
        self._http_api()
        self._state_machines()
        return self.changes

    def _changed(self, what: str) -> None:
        self.changes.append(what)

    def _buckets(self) -> None:
        present = {bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]}
        for name in self.resources.buckets:
            if name not in present:
                self._s3.create_bucket(Bucket=name)
                self._changed(f"bucket {name}")

    def _queues(self) -> None:
        rules = {rule.name for rule in self.resources.event_rules}
        for queue in self.resources.queues:
            attributes = {"VisibilityTimeout": str(queue.visibility_s)}
            if queue.redrive:
                redrive = {
                    "deadLetterTargetArn": arn("sqs", queue.redrive.dead_letters),
                    "maxReceiveCount": queue.redrive.max_receive_count,
                }
                attributes["RedrivePolicy"] = json.dumps(redrive)
            if queue.name in rules:
                attributes["Policy"] = json.dumps(_rule_may_send(queue.name))
            self._queue(queue.name, attributes)

    def _queue(self, name: str, attributes: dict[str, str]) -> None:
        try:
            url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        except ClientError:
            self._sqs.create_queue(QueueName=name, Attributes=attributes)
            self._changed(f"queue {name}")
            return
        current = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        if _differs(current["Attributes"], attributes):
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
            self._changed(f"queue {name}")

    def _function(self, function: FunctionResource, image: str) -> None:
        wanted = {
            "Description": function.description,
            "Timeout": function.timeout_s,
            "MemorySize": function.memory_mb,
            "EphemeralStorage": {"Size": function.ephemeral_storage_mb},
            "Environment": {"Variables": function.environment},
        }
        image_config = {"Command": [function.handler]}
        try:
            current = self._lambda.get_function(FunctionName=function.name)
        except self._lambda.exceptions.ResourceNotFoundException:
            self._lambda.create_function(
                FunctionName=function.name,
                PackageType="Image",
                Code={"ImageUri": image},
                Role=ROLE,
                ImageConfig=image_config,
                **wanted,
            )
            self._changed(f"function {function.name}")
            return
        configuration = current["Configuration"]
        handler = configuration.get("ImageConfigResponse", {}).get("ImageConfig")
        if handler != image_config or _differs(configuration, wanted):
            self._lambda.update_function_configuration(
                FunctionName=function.name, ImageConfig=image_config, **wanted
            )
            self._changed(f"function {function.name}")
        if current["Code"].get("ImageUri") != image:
            self._lambda.update_function_code(FunctionName=function.name, ImageUri=image)
            self._changed(f"image of {function.name}")

    def _stale_functions(self) -> None:
        wanted = {function.name for function in self.resources.functions}
        pages = self._lambda.get_paginator("list_functions").paginate()
        for name in [f["FunctionName"] for page in pages for f in page["Functions"]]:
            if name.startswith(f"{self.resources.project}-") and name not in wanted:
                self._lambda.delete_function(FunctionName=name)
                self._changed(f"function {name} removed")

    def _mappings(self) -> None:
        wanted = {(arn("sqs", m.queue), m.function): m for m in self.resources.mappings}
        pages = self._lambda.get_paginator("list_event_source_mappings").paginate()
        for current in [m for page in pages for m in page["EventSourceMappings"]]:
            function = current["FunctionArn"].rpartition(":")[2]
            mapping = wanted.pop((current["EventSourceArn"], function), None)
            if mapping is None:
                self._lambda.delete_event_source_mapping(UUID=current["UUID"])
                self._changed(f"mapping of {current['EventSourceArn']} removed")
            elif _differs(current, settings := _mapping_settings(mapping)):
                self._lambda.update_event_source_mapping(UUID=current["UUID"], **settings)
                self._changed(f"mapping {mapping.queue} to {mapping.function}")
        for (source, function), mapping in wanted.items():
            self._lambda.create_event_source_mapping(
                EventSourceArn=source, FunctionName=function, **_mapping_settings(mapping)
            )
            self._changed(f"mapping {mapping.queue} to {function}")

    def _rules(self) -> None:
        """Rules and their targets; those of the project that nothing needs any more are removed."""
        pages = self._events.get_paginator("list_rules").paginate(
            NamePrefix=f"{self.resources.project}-"
        )
        present = {rule["Name"]: rule for page in pages for rule in page["Rules"]}
        for rule in self.resources.event_rules:
            wanted = {"EventPattern": rule.pattern}
            target = {"Id": "queue", "Arn": arn("sqs", rule.name)}
            self._rule(rule.name, wanted, target, present.pop(rule.name, {}))
        for schedule in self.resources.schedules:
            wanted = {"ScheduleExpression": schedule.expression}
            target = {"Id": "function", "Arn": arn("lambda", f"function:{schedule.function}")}
            self._rule(schedule.name, wanted, target, present.pop(schedule.name, {}))
            source = arn("events", f"rule/{schedule.name}")
            self._permit(schedule.function, schedule.name, "events.amazonaws.com", source)
        for name in present:
            targets = self._events.list_targets_by_rule(Rule=name)["Targets"]
            if targets:
                self._events.remove_targets(Rule=name, Ids=[t["Id"] for t in targets])
            self._events.delete_rule(Name=name)
            self._changed(f"rule {name} removed")

    def _rule(
        self,
        name: str,
        wanted: Mapping[str, str],
        target: Mapping[str, str],
        current: Mapping[str, Any],
    ) -> None:
        if _differs(current, wanted):
            self._events.put_rule(Name=name, State="ENABLED", **wanted)
            self._changed(f"rule {name}")
        targets = self._events.list_targets_by_rule(Rule=name)["Targets"]
        if stale := [t["Id"] for t in targets if _differs(t, target)]:
            self._events.remove_targets(Rule=name, Ids=stale)
            self._changed(f"target of {name} removed")
        if len(stale) == len(targets):
            self._events.put_targets(Rule=name, Targets=[target])
            self._changed(f"target of {name}")

    def _notifications(self) -> None:
        """Buckets with rules send their events to EventBridge, and no bucket to anything else."""
        sending = {rule.bucket for rule in self.resources.event_rules}
        for bucket in self.resources.buckets:
            wanted: dict[str, Any] = {"EventBridgeConfiguration": {}} if bucket in sending else {}
            current = self._s3.get_bucket_notification_configuration(Bucket=bucket)
            del current["ResponseMetadata"]
            if current != wanted:
                self._s3.put_bucket_notification_configuration(
                    Bucket=bucket, NotificationConfiguration=wanted
                )
                self._changed(f"events of {bucket}")

    def _http_api(self) -> None:
        api = self.resources.api_id
        present = {a["ApiId"] for a in self._api.get_apis()["Items"]}
        if not self.resources.routes:
            if api in present:
                self._api.delete_api(ApiId=api)
                self._changed("HTTP API removed")
            return
        if api not in present:
            self._api.create_api(
                Name=self.resources.project, ProtocolType="HTTP", Tags={"ms-custom-id": api}
            )
            self._changed("HTTP API")
        stages = self._api.get_stages(ApiId=api)["Items"]
        if not any(stage["StageName"] == DEFAULT_STAGE for stage in stages):
            self._api.create_stage(ApiId=api, StageName=DEFAULT_STAGE, AutoDeploy=True)
            self._changed("stage of the HTTP API")
        authorizer = self._authorizer(api)
        integrations = self._integrations(api)
        self._routes(api, integrations, authorizer)
        for function in sorted({*integrations, self.resources.authorizer or ""} - {""}):
            source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/*"
            self._permit(function, "http-api", "apigateway.amazonaws.com", source)

    def _authorizer(self, api: str) -> str | None:
        """The id of the authorizer; None if the catalogue has none."""
        items = self._api.get_authorizers(ApiId=api)["Items"]
        current = next((a for a in items if a["Name"] == AUTHORIZER), None)
        if self.resources.authorizer is None:
            return None
        wanted = {
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": _invocation_uri(self.resources.authorizer),
            "AuthorizerPayloadFormatVersion": "2.0",
            "EnableSimpleResponses": True,
            # Without the header the answer is 401, and the authorizer is not asked.
            "IdentitySource": ["$request.header.Authorization"],
            "AuthorizerResultTtlInSeconds": 0,
        }
        if current is None:
            current = self._api.create_authorizer(ApiId=api, Name=AUTHORIZER, **wanted)
            self._changed("authorizer")
        elif _differs(current, wanted):
            self._api.update_authorizer(
                ApiId=api, AuthorizerId=current["AuthorizerId"], Name=AUTHORIZER, **wanted
            )
            self._changed("authorizer")
        identifier: str = current["AuthorizerId"]
        return identifier

    def _integrations(self, api: str) -> dict[str, str]:
        """The id of the integration of every function that has a route."""
        items = self._api.get_integrations(ApiId=api)["Items"]
        present = {item["IntegrationUri"]: item["IntegrationId"] for item in items}
        found = {}
        for function in sorted({route.function for route in self.resources.routes}):
            uri = _invocation_uri(function)
            if uri not in present:
                present[uri] = self._api.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=uri,
                    IntegrationMethod="POST",
                    PayloadFormatVersion="2.0",
                )["IntegrationId"]
                self._changed(f"integration of {function}")
            found[function] = present[uri]
        return found

    def _routes(self, api: str, integrations: Mapping[str, str], authorizer: str | None) -> None:
        present = {r["RouteKey"]: r for r in self._api.get_routes(ApiId=api)["Items"]}
        for route in self.resources.routes:
            wanted = {
                "Target": f"integrations/{integrations[route.function]}",
                "AuthorizationType": "CUSTOM" if route.authorized else "NONE",
            }
            if route.authorized and authorizer:
                wanted["AuthorizerId"] = authorizer
            current = present.pop(route.key, None)
            if current and not _differs(current, wanted):
                continue
            if current:
                self._api.delete_route(ApiId=api, RouteId=current["RouteId"])
            self._api.create_route(ApiId=api, RouteKey=route.key, **wanted)
            self._changed(f"route {route.key}")
        for key, current in present.items():
            self._api.delete_route(ApiId=api, RouteId=current["RouteId"])
            self._changed(f"route {key} removed")

    def _state_machines(self) -> None:
        pages = self._states.get_paginator("list_state_machines").paginate()
        present = {m["name"]: m["stateMachineArn"] for p in pages for m in p["stateMachines"]}
        for machine in self.resources.state_machines:
            current = present.pop(machine.name, None)
            if current is None:
                self._states.create_state_machine(
                    name=machine.name, definition=machine.definition, roleArn=ROLE
                )
            elif (
                self._states.describe_state_machine(stateMachineArn=current)["definition"]
                != machine.definition
            ):
                self._states.update_state_machine(
                    stateMachineArn=current, definition=machine.definition
                )
            else:
                continue
            self._changed(f"state machine {machine.name}")
        for name, stale in present.items():
            if name.startswith(f"{self.resources.project}-"):
                self._states.delete_state_machine(stateMachineArn=stale)
                self._changed(f"state machine {name} removed")

    def _permit(self, function: str, statement: str, principal: str, source: str) -> None:
        try:
            policy = json.loads(self._lambda.get_policy(FunctionName=function)["Policy"])
        except self._lambda.exceptions.ResourceNotFoundException:
            policy = {"Statement": []}
        if any(s["Sid"] == statement for s in policy["Statement"]):
            return
        self._lambda.add_permission(
            FunctionName=function,
            StatementId=statement,
            Action="lambda:InvokeFunction",
            Principal=principal,
            SourceArn=source,
        )
        self._changed(f"permission {statement} on {function}")


def _invocation_uri(function: str) -> str:
    target = arn("lambda", f"function:{function}")
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{target}/invocations"


def _mapping_settings(mapping: EventSourceMapping) -> dict[str, Any]:
    return {
        "BatchSize": mapping.batch_size,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": mapping.max_concurrency},
    }


def _rule_may_send(queue: str) -> dict[str, Any]:
    """Admits the rule that has the queue's name."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn("sqs", queue),
                "Condition": {"ArnEquals": {"aws:SourceArn": arn("events", f"rule/{queue}")}},
            }
        ],
    }


def _differs(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a wanted value is missing or other; AWS may add more of its own."""
    return any(current.get(key) != value for key, value in wanted.items())
