"""NIKs at rest: sealed for one place under one key, found again only with the other key."""

import pytest

from shared.security.personal_data import Unreadable, Vault, masked_nik

NIK = "5304010101900001"
PLACE = "enterprises.owner_nik:1"


@pytest.fixture
def vault() -> Vault:
    return Vault("key " * 10, "index key " * 10)


@pytest.mark.parametrize("text", [NIK, "", "Siti Aminah ☺", "x" * 10_000])
def test_what_was_sealed_is_read_again(vault: Vault, text: str) -> None:
    sealed = vault.encrypt(text, PLACE)
    assert vault.decrypt(sealed, PLACE) == text
    assert Vault("key " * 10, "another index key").decrypt(sealed, PLACE) == text
    assert not text or text.encode() not in sealed


def test_any_byte_changed_or_lost_makes_it_unreadable(vault: Vault) -> None:
    sealed = vault.encrypt(NIK, PLACE)
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(Unreadable):
            vault.decrypt(bytes(altered), PLACE)
        with pytest.raises(Unreadable):
            vault.decrypt(sealed[:position], PLACE)
    with pytest.raises(Unreadable):
        vault.decrypt(sealed + b"x", PLACE)


def test_it_is_readable_only_where_it_was_sealed_and_with_its_key(vault: Vault) -> None:
    sealed = vault.encrypt(NIK, PLACE)
    with pytest.raises(Unreadable):
        vault.decrypt(sealed, "enterprises.owner_nik:2")
    with pytest.raises(Unreadable):
        Vault("other key " * 10, "index key " * 10).decrypt(sealed, PLACE)


def test_parts_of_two_sealed_values_do_not_combine(vault: Vault) -> None:
    one, two = vault.encrypt(NIK, PLACE), vault.encrypt(NIK, PLACE)
    wrapped = 1 + 12 + 32 + 16
    with pytest.raises(Unreadable):
        vault.decrypt(one[:wrapped] + two[wrapped:], PLACE)


def test_no_nonce_and_no_key_is_used_twice(vault: Vault) -> None:
    sealed = [vault.encrypt(NIK, PLACE) for _ in range(500)]
    wrapped = 1 + 12 + 32 + 16
    parts = [part for value in sealed for part in (value[1:13], value[wrapped : wrapped + 12])]
    assert len(set(parts)) == 1000
    assert len({value[13:wrapped] for value in sealed}) == 500


def test_the_blind_index_finds_equals_and_only_with_its_key(vault: Vault) -> None:
    assert vault.blind_index(NIK) == vault.blind_index(NIK)
    assert vault.blind_index(NIK) != vault.blind_index("5304010101900002")
    assert vault.blind_index(NIK) != Vault("key " * 10, "other index key").blind_index(NIK)
    assert vault.blind_index(NIK) == Vault("other key", "index key " * 10).blind_index(NIK)
    assert len(vault.blind_index(NIK)) == 32


def test_one_secret_used_for_both_gives_two_keys() -> None:
    same = Vault(NIK, NIK)
    assert same._index_key not in same.encrypt("x", PLACE)
    assert same.blind_index("x") != Vault("y", f"x{NIK}").blind_index("x")


def test_a_masked_nik_shows_neither_the_date_of_birth_nor_the_sex() -> None:
    assert masked_nik(NIK) == "530401******0001"
