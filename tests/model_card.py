"""A card as training writes it."""

from datetime import date

from modelkit.card import ArtefactFile, Card, DataSet

CARD = Card(
    name="fraud",
    version="1.0",
    created=date(2019, 5, 31),
    seed=7,
    data=DataSet.of("card transactions", b"data", 1000),
    artefact=ArtefactFile.of("model.json", b"model"),
    better={"roc_auc": "higher", "log_loss": "lower"},
    metrics={"roc_auc": 0.97, "log_loss": 0.1},
    baselines={"rule": {"roc_auc": 0.8, "log_loss": 0.4}},
)
