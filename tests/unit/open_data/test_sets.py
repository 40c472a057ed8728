"""Data sets are found where the user or `make data` put them."""

from open_data import sets


def test_the_named_folder_goes_before_what_was_fetched(tmp_path, monkeypatch):
    named, fetched = tmp_path / "named", tmp_path / "fetched"
    monkeypatch.setenv("FLEET_DATA_DIR", str(named))
    monkeypatch.setattr(sets, "DATA", fetched)
    assert (sets.online_retail(), sets.card_transactions()) == (None, None)

    for folder in (fetched, named):
        folder.mkdir()
        (folder / sets.ONLINE_RETAIL_FILE).touch()
        assert sets.online_retail() == folder / sets.ONLINE_RETAIL_FILE
    assert sets.card_transactions() is None
