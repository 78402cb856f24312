from annotation.exports.pseudonyms import pseudonym_of


def test_a_person_keeps_their_name_within_a_project_alone() -> None:
    assert pseudonym_of(7, "key") == pseudonym_of(7, "key")
    assert pseudonym_of(7, "key") != pseudonym_of(7, "another project's key")
    assert pseudonym_of(7, "key") != pseudonym_of(8, "key")


def test_the_name_is_a_keyed_hash() -> None:
    # printf 7 | openssl dgst -sha256 -hmac key
    assert pseudonym_of(7, "key") == "p-01235b0d2aa4a5da"
