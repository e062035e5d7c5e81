"""Statsig's specs: what its SDKs download of a project, from which they decide by themselves who gets what."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from trailers.experiment.design import THOUSAND, Experiment, Trial
from trailers.experiment.hashes.statsig import salt_of_coverage
from trailers.experiment.platforms.platform import Json

UNIT = "userID"
LOADED = 1
"""The specs' time: a package says the same on whichever day it is made, and 0 means that nothing was loaded."""
Fields = Mapping[str, Json]
Rules = Sequence[tuple[Fields, Sequence[Json]]]
"""Rules, each with its conditions."""


def specs(experiment: Experiment, draft: bool = False) -> Fields:
    """For present SDKs (the second version of download_config_specs): an experiment a trial, and a layer that asks them by
    segment; conditions stand apart, by a digest of their own.

    Every condition is a `user_bucket` or the segment, so that an SDK assigns as assignments.csv does; who is outside gets the
    default, the control, under the rule "default". A draft's experiments and layer are not enabled and have no rules, which
    present SDKs would follow all the same: everybody gets the default, under the rule "disabled".
    """
    conditions: dict[str, Json] = {}

    def apart(config: Fields, rules: Rules) -> Json:
        named: list[Json] = []
        for rule, asked in rules:
            names = [sha256(json.dumps(each, sort_keys=True).encode()).hexdigest()[:16] for each in asked]
            conditions.update(zip(names, asked, strict=True))
            named.append({**rule, "conditions": names})
        return {**config, "rules": named}

    experiments: dict[str, Json] = {
        experiment.key(trial.segment): apart(
            _config(experiment, experiment.seed(trial.segment), "experiment", draft), _groups(experiment, trial, draft)
        )
        for trial in experiment.trials
    }
    layers = {experiment.id: apart(_config(experiment, experiment.id, "layer", draft), _delegates(experiment, draft))}
    return {
        **_head(experiment),
        "feature_gates": {},
        "dynamic_configs": experiments,
        "layer_configs": layers,
        "experiment_to_layer": dict.fromkeys(experiments, experiment.id),
        "condition_map": conditions,
    }


def specs_of_old(experiment: Experiment, draft: bool = False) -> Fields:
    """The same for SDKs of the first version (Python's `statsig`), to be given to one as its bootstrap values."""

    def whole(name: str, config: Fields, rules: Rules) -> Json:
        return {"name": name, **config, "rules": [{**rule, "conditions": asked} for rule, asked in rules]}

    experiments = [
        whole(
            experiment.key(trial.segment),
            _config(experiment, experiment.seed(trial.segment), "experiment", draft),
            _groups(experiment, trial, draft),
        )
        for trial in experiment.trials
    ]
    layer = whole(experiment.id, _config(experiment, experiment.id, "layer", draft), _delegates(experiment, draft))
    return {**_head(experiment), "feature_gates": [], "dynamic_configs": experiments, "layer_configs": [layer], "id_lists": {}}


def _head(experiment: Experiment) -> Fields:
    keys = [experiment.key(trial.segment) for trial in experiment.trials]
    return {"has_updates": True, "time": LOADED, "layers": {experiment.id: keys}}


def _config(experiment: Experiment, salt: str, entity: str, draft: bool) -> Fields:
    return {
        "type": "dynamic_config",
        "entity": entity,
        "salt": salt,
        "enabled": not draft,
        "idType": UNIT,
        "isDeviceBased": False,
        "defaultValue": {"trailer": experiment.control.id},
        "explicitParameters": ["trailer"],
        **({"isActive": not draft, "hasSharedParams": True} if entity == "experiment" else {}),
    }


def _delegates(experiment: Experiment, draft: bool) -> Rules:
    """A layer's rules: which experiment decides for which segment; none in a draft."""
    if draft:
        return []
    return [
        (
            {**_rule(trial.segment, experiment.control.id), "configDelegate": experiment.key(trial.segment)},
            [_segment(trial)],
        )
        for trial in experiment.trials
    ]


def _groups(experiment: Experiment, trial: Trial, draft: bool) -> Rules:
    """An experiment's rules, a group each: those of the segment, past every gate, within the coverage, below a bucket; none in a
    draft."""
    if draft:
        return []
    seed = experiment.seed(trial.segment)
    asked = [_segment(trial)]
    for gate in experiment.gates:
        asked += [_bucket(gate.salt, "gte", gate.start), _bucket(gate.salt, "lt", gate.stop)]
    if experiment.coverage < THOUSAND:
        asked.append(_bucket(salt_of_coverage(seed), "lt", experiment.coverage))
    rules, end = [], 0
    for arm, weight in trial.weights:
        end += weight
        rules.append(({**_rule(arm, arm), "isExperimentGroup": True}, [*asked, _bucket(seed, "lt", end)]))
    return rules


def _rule(name: str, arm: str) -> Fields:
    return {
        "id": name,
        "name": name,
        "groupName": name,
        "salt": "",
        "passPercentage": 100,
        "returnValue": {"trailer": arm},
        "idType": UNIT,
        "isDeviceBased": False,
    }


def _segment(trial: Trial) -> Json:
    return _condition("user_field", "segment", "any_case_sensitive", [trial.segment], {})


def _bucket(salt: str, operator: str, target: int) -> Json:
    return _condition("user_bucket", None, operator, target, {"salt": salt})


def _condition(kind: str, field: str | None, operator: str, target: Json, additional: Mapping[str, Json]) -> Json:
    return {
        "type": kind,
        "field": field,
        "operator": operator,
        "targetValue": target,
        "additionalValues": additional,
        "idType": UNIT,
        "isDeviceBased": False,
    }
