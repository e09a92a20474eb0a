"""One open government credit for each owner: over products, lenders, groups and what SIKP knows."""

import asyncio
import csv
import io
from uuid import UUID, uuid4

from sqlalchemy import func, select

from services.facilitation.credits.domain import Effect, _statuses, effect_of, sikp_status_of
from services.facilitation.credits.tables import credits
from services.facilitation.financing.state import FinancingStatus
from services.facilitation.loans.domain import LoanStatus
from shared.security.identity import Role
from tests.facilitation.banking import CONSENT, Bank
from tests.facilitation.story import LENDER, grant, nik

PRODUCTS = (("kur_super_mikro", 9_000_000), ("kur_khusus", 9_000_000), ("kur_mikro", 20_000_000), ("umi", 5_000_000))
HEAD = "nik,kode_penyalur,nomor_akad,skema,status,tanggal_akad,tanggal_selesai\n"


async def _open_rows(bank: Bank) -> int:
    async with bank.served.runtime.database.reading() as connection:
        return int(await connection.scalar(select(func.count()).where(credits.c.closed_on.is_(None))) or 0)


async def _forwarded(bank: Bank, enterprise: str, product: str, amount: int, lender: UUID = LENDER) -> str:
    documents = {"business_letter": "cd" * 32} if product == "umi" else {}
    return await bank.forwarded(enterprise, lender=lender, product_code=product, requested_amount_idr=amount, documents=documents)


async def test_of_a_hundred_grants_at_once_to_one_owner_one_succeeds(bank: Bank) -> None:
    """Four products at four lenders, each granted twenty-five times in parallel."""
    owner, lenders = bank.members[0], [bank.person(Role.LENDER, institution_id=uuid4()) for _ in PRODUCTS]
    paths = [
        f"/v1/financing-applications/{await _forwarded(bank, owner, product, amount, lender.institution_id or LENDER)}"
        for (product, amount), lender in zip(PRODUCTS, lenders, strict=True)
    ]
    etags = [(await bank.served.get(path, bank.owner)).headers["etag"] for path in paths]
    body = {"amount_idr": 1_000_000, "tenor_months": 12, "granted_on": "2024-01-31", "annual_rate_percent": "3"}
    answers = await asyncio.gather(
        *(
            bank.served.insist(f"{path}/grant", lender, body | {"lender_reference": f"R-{n}"}, if_match=etag)
            for n in range(25)
            for path, lender, etag in zip(paths, lenders, etags, strict=True)
        )
    )
    assert len(answers) == 100
    assert [answer.status_code for answer in answers].count(200) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code != 200} <= {
        "open_government_credit",
        "concurrent_change",
        "illegal_transition",
        "stale_precondition",
    }
    assert "open_government_credit" in {answer.json().get("code") for answer in answers}
    assert await _open_rows(bank) == 1
    names = [row.type.split(".")[2] for row in await bank.served.outbox()]
    assert (names.count("FinancingGranted"), names.count("FinancingAccountOpened")) == (1, 1)


async def test_what_is_settled_written_off_or_cancelled_frees_its_owner(bank: Bank) -> None:
    owner = bank.members[0]
    loan = await bank.loan(owner)
    second = await _forwarded(bank, owner, "umi", 5_000_000)
    refused = await bank.act(second, "grant", bank.lender, grant("AKAD-9", amount_idr=5_000_000, annual_rate_percent="12", granted_on="2024-01-31"))
    assert (refused.status_code, refused.json()["code"]) == (409, "open_government_credit")
    assert "Lunasi" in refused.json()["action"]
    flagged = (await bank.served.get(f"/v1/financing-applications/{second}", bank.owner)).json()
    assert (flagged["duplicate_flag"], flagged["status"]) == (True, "forwarded"), "the review saw it, the grant refused it"
    await bank.report(loan, "cancel", {"reason_code": "changed_mind"})
    answer = await bank.act(second, "grant", bank.lender, grant("AKAD-9", amount_idr=5_000_000, annual_rate_percent="12", granted_on="2024-01-31"))
    assert answer.status_code == 200, answer.text
    umi = answer.json()["financing_id"]
    await bank.pay_out(umi, 5_000_000)
    assert (await bank.pay_back(umi, 5_000_000, principal_idr=5_000_000)).json()["status"] == "settled"
    assert await _open_rows(bank) == 0


async def test_the_rate_follows_the_access(bank: Bank) -> None:
    """6, 7 and 8 per cent for the first, second and third KUR mikro; the lender may take less and not more."""
    owner = bank.members[0]
    for access, rate in enumerate(("6", "7", "8"), start=1):
        application = await _forwarded(bank, owner, "kur_mikro", 20_000_000)
        body = grant(f"KM-{access}", amount_idr=20_000_000, granted_on="2024-01-31")
        dear = await bank.act(application, "grant", bank.lender, body | {"annual_rate_percent": f"{rate}.01"})
        assert (dear.status_code, dear.json()["code"], dear.json()["limit_percent"]) == (422, "rate_above_product", rate)
        loan = (await bank.act(application, "grant", bank.lender, body)).json()["financing_id"]
        assert (await bank.read(loan))["annual_rate_percent"] == rate
        await bank.pay_out(loan, 20_000_000)
        await bank.pay_back(loan, 20_000_000, principal_idr=20_000_000)
    umi = await _forwarded(bank, owner, "umi", 1_000_000)
    without = await bank.act(umi, "grant", bank.lender, grant("U-1", amount_idr=1_000_000, granted_on="2024-01-31"))
    assert (without.status_code, without.json()["code"]) == (422, "rate_required")
    before = (await bank.draft(owner)).json()["id"]
    answer = await bank.act(before, "submit", bank.mentor)
    assert (answer.status_code, answer.json()["code"]) == (422, "kur_before")


async def test_a_member_of_a_group_that_borrows_has_its_place_taken(bank: Bank) -> None:
    first, second, third = bank.members
    parts = [{"enterprise_id": member, "amount_idr": 4_000_000, **CONSENT} for member in (first, second)]
    drafted = await bank.draft(first, applicant_type="group", requested_amount_idr=8_000_000, allocations=parts)
    application = drafted.json()["id"]
    for verb, person, body in (
        ("submit", bank.mentor, None),
        ("start-review", bank.regency, None),
        ("approve", bank.regency, {"comment": "Layak."}),
        ("approve", bank.owner, {"comment": "Layak."}),
        ("forward", bank.owner, {"lender_institution_id": str(LENDER)}),
        ("grant", bank.lender, grant("G-1", granted_on="2024-01-31")),
    ):
        answer = await bank.act(application, verb, person, body)
        assert answer.status_code == 200, answer.text
    shares = (await bank.read(answer.json()["financing_id"]))["shares"]
    assert {each["enterprise_id"]: each["amount_idr"] for each in shares} == {first: 4_000_000, second: 4_000_000}
    assert await _open_rows(bank) == 2
    for member, count in ((first, 1), (second, 1), (third, 0)):
        assert len((await bank.served.get("/v1/loans", bank.mentor, params={"enterprise_id": member})).json()["items"]) == count
    alone = await _forwarded(bank, second, "kur_khusus", 5_000_000)
    refused = await bank.act(alone, "grant", bank.lender, grant("K-1", amount_idr=5_000_000, granted_on="2024-01-31"))
    assert refused.json()["code"] == "open_government_credit"
    assert (await bank.loan(third)) is not None


async def test_a_list_of_sikp_opens_and_closes_credits_elsewhere(bank: Bank) -> None:
    rows = [
        f"{nik(1)},009,PK-1,kur_mikro,cair,2023-05-01,",
        f"{nik(2)},009,PK-2,kur_mikro,calon_debitur,2023-05-01,",
        f"{nik(2)},002,PK-3,umi,lunas,2022-05-01,2023-04-30",
        f"{nik(1)},002,PK-4,umi,cair,2023-06-01,",
        "530499,009,PK-5,kur_mikro,cair,2023-05-01,",
        f"{nik(3)},009,PK-6,kur_mikro,hilang,2023-05-01,",
        f"{nik(3)},009,PK-7,kur_mikro,cair,01/05/2023,",
    ]
    sent = await bank.send("/v1/sikp-imports", HEAD + "\n".join(rows), bank.owner)
    assert sent.status_code == 201, sent.text
    assert sent.json()["counts"] == {"opened": 1, "closed": 1, "unchanged": 1, "refused": 4}
    assert [(each["row_number"], each["code"]) for each in sent.json()["refused_rows"]] == [
        (5, "open_government_credit"),
        (6, "nik_malformed"),
        (7, "status_unknown"),
        (8, "date_malformed"),
    ]
    application = await bank.forwarded(bank.members[1])  # the second owner had UMi, which is no KUR, and it is repaid
    assert (await bank.act(application, "grant", bank.lender, grant(granted_on="2024-01-31"))).status_code == 200
    duplicate = await _forwarded(bank, bank.members[0], "umi", 5_000_000)
    body = grant("U-1", amount_idr=5_000_000, annual_rate_percent="12", granted_on="2024-01-31")
    assert (await bank.act(duplicate, "grant", bank.lender, body)).json()["code"] == "open_government_credit"
    again = await bank.send("/v1/sikp-imports", HEAD + f"{nik(1)},009,PK-1,kur_mikro,lunas,2023-05-01,2024-01-15\n", bank.owner)
    assert again.json()["counts"] == {"opened": 0, "closed": 1, "unchanged": 0, "refused": 0}
    assert (await bank.act(duplicate, "grant", bank.lender, body)).status_code == 200
    assert nik(1) not in "".join(row.data for row in await bank.served.outbox())
    assert (await bank.send("/v1/sikp-imports", HEAD, bank.lender)).status_code == 403
    missing = await bank.send("/v1/sikp-imports", "nik,status\n", bank.owner)
    assert (missing.status_code, missing.json()["missing_columns"]) == (422, ["kode_penyalur", "nomor_akad", "skema", "tanggal_akad"])


async def test_loans_go_to_sikp_with_the_nik_for_their_lender_alone(bank: Bank) -> None:
    loan = await bank.active_loan(bank.members[0], reference="AKAD-7")
    ours = await bank.served.get("/v1/sikp-exports/loans.csv", bank.lender)
    assert (ours.headers["content-type"], ours.headers["cache-control"]) == ("text/csv; charset=utf-8", "no-store")
    [row] = list(csv.DictReader(io.StringIO(ours.text)))
    assert row | {"nik": nik(1), "nomor_akad": "AKAD-7", "plafon": "9000000", "status": "cair", "suku_bunga": "3", "financing_id": loan} == row
    masked = await bank.served.get("/v1/sikp-exports/loans.csv", bank.owner)
    assert (nik(1) in masked.text, "530499******0001" in masked.text) == (False, True)
    stranger = bank.person(Role.LENDER, institution_id=uuid4())
    assert len((await bank.served.get("/v1/sikp-exports/loans.csv", stranger)).text.splitlines()) == 1
    rest = await bank.served.get("/v1/sikp-exports/loans.csv", bank.lender, params={"after": loan})
    assert len(rest.text.splitlines()) == 1


def test_every_state_has_a_status_of_sikp_and_comes_back_as_what_it_is() -> None:
    open_states = set(LoanStatus) - {LoanStatus.SETTLED, LoanStatus.WRITTEN_OFF, LoanStatus.CANCELLED}
    for state in LoanStatus:
        status = sikp_status_of("granted", state)
        assert status is not None
        assert effect_of(status) is (Effect.OPEN if state in open_states else Effect.CLOSED)
    for application in set(FinancingStatus) - {FinancingStatus.DRAFT, FinancingStatus.GRANTED}:
        status = sikp_status_of(application, None)
        assert status is not None
        assert effect_of(status) is not Effect.OPEN
    assert sikp_status_of("draft", None) is None
    assert {sikp_status_of("granted", each) for each in LoanStatus} <= set(_statuses()["effects"])
