"""Which table a file is, and which column stands for what."""

import pytest

from influence.errors import DataError, UsageError
from influence.io import read_tables
from influence.io.schema import ROLES, SCHEMA, candidates, match, normal


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("source,target", "follows"),
        ("truster,trustee", "follows"),
        ("voter,candidate", "follows"),
        ("user_a,user_b", "follows"),
        ("Follower,Followee,since", "follows"),
        ("source,target,timestamp", "follows"),
        ("from,to,weight", "follows"),
        ("ego,alter,relation", "follows"),
        ("source,target,type", "interactions"),
        ("actor,target,timestamp,interaction", "interactions"),
        ("Sender,Recipient,Kind,Created At", "interactions"),
        ("referrer,referee,event-type", "interactions"),
        ("user,item,category,rating,helpfulness,timestamp", "actions"),
        ("customer_id,product_id", "actions"),
        ("customer_id,date,amount_usd", "transactions"),
        ("master_id,sample_id,date,cds,amount_usd", "transactions"),
        ("user,item,price,date", "transactions"),
        ("customer,sku,total,ts,segment", "transactions"),
        ("id,clv", "customers"),
        ("customer_id,LTV,segment", "customers"),
        ("user_id,is_customer", "customers"),
        ("ID,frequency,recency,T", "customers"),
        ("customer_id,signup_date", "customers"),
        ("user_id,nps", "customers"),
    ],
)
def test_columns_tell_the_role(header, role):
    assert candidates(header.split(",")) == [role]


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        ("user,item,value,timestamp", ["actions", "transactions"]),
        ("actor,target,type,item", ["interactions", "actions"]),
        ("customer_id,date,amount,clv", ["transactions", "customers"]),
        ("a,b", []),
        ("timestamp,caller,callee,duration", []),
        ("customer_id,date", []),
        ("customer,amount", []),
        ("user", []),
    ],
)
def test_unclear_columns_tell_none_or_several(header, roles):
    assert candidates(header.split(",")) == roles


@pytest.mark.parametrize("role", ROLES)
def test_every_spelling_is_understood(role):
    for field in SCHEMA[role]:
        for spelling in field.spellings:
            for written in (
                spelling,
                spelling.upper(),
                f" {spelling[:2]}_{spelling[2:]}",
                f"{spelling[:3]}-{spelling[3:]}",
            ):
                assert match(role, ["zz", written]).get(field.name) == written


@pytest.mark.parametrize("role", ROLES)
def test_a_name_of_our_own_wins_over_spellings(role):
    names = [field.name for field in SCHEMA[role]]
    others = [s for field in SCHEMA[role] for s in field.spellings if s not in map(normal, names)]
    assert match(role, [*others, *names]) == {name: name for name in names}


def test_a_bare_path_with_unclear_columns_names_the_choice(write):
    path = write("x.csv", "user,item,value,timestamp\n")
    with pytest.raises(UsageError) as error:
        read_tables([path])
    assert f"may be actions or transactions (columns: user, item, value, timestamp); write actions={path} or " in str(
        error.value
    )


def test_a_bare_path_with_unknown_columns_says_what_lacks(write):
    path = write("x.csv", "caller,callee,duration,date\n")
    with pytest.raises(UsageError) as error:
        read_tables([path])
    message = str(error.value)
    assert "(columns: caller, callee, duration, date)" in message
    assert "interactions lacks type." in message
    assert "transactions" not in message.split("Write")[0]
    assert f"Write ROLE={path} with ROLE one of follows, interactions, actions, transactions, customers" in message


def test_an_explicit_role_settles_it(write):
    path = write("x.csv", "user,item,value,timestamp\n1,2,3,2004-01-01\n")
    assert read_tables([f"actions={path}"]).actions["value"].to_list() == [3.0]
    tables = read_tables([f"Transactions={path}"])
    assert tables.transactions["amount"].to_list() == [3.0]
    assert tables.actions is None
    assert [(file.role, file.path) for file in tables.files] == [("transactions", path)]


def test_an_explicit_role_without_its_column(write):
    path = write("f.csv", "source,targt,since\n1,2,\n")
    with pytest.raises(DataError) as error:
        read_tables([f"follows={path}"])
    assert str(error.value) == (
        f"{path}: follows need a column 'target'; there are source, targt, since. "
        "Did you mean 'targt'? Then rename it to 'target'."
    )
    path = write("g.csv", "id,clv\n")
    with pytest.raises(
        DataError, match=r"need a column 'source'; there are id, clv. Rename the column that holds it to"
    ):
        read_tables([f"follows={path}"])


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("folows=f.csv", "'folows' is no role; did you mean follows=f.csv?"),
        ("nonsense=f.csv", "'nonsense' is no role; write ROLE=path with ROLE one of follows,"),
    ],
)
def test_unknown_role(source, hint):
    with pytest.raises(UsageError) as error:
        read_tables([source])
    assert hint in str(error.value)


def test_a_path_may_hold_an_equals_sign(write, monkeypatch, tmp_path):
    path = write("year=2004/f.csv", "source,target\n1,2\n")
    assert read_tables([path]).follows.rows() == [(1, 2)]
    monkeypatch.chdir(tmp_path)
    assert read_tables(["year=2004/f.csv"]).follows.rows() == [(1, 2)]
    assert read_tables(["follows=year=2004/f.csv"]).follows.rows() == [(1, 2)]


def test_no_source_at_all():
    with pytest.raises(UsageError, match=r"no source given"):
        read_tables([])
    with pytest.raises(UsageError, match=r"must be a list"):
        read_tables("follows=f.csv")


def test_one_file_twice(write, monkeypatch, tmp_path):
    path = write("f.csv", "source,target\n1,2\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"given twice"):
        read_tables([path, "follows=f.csv"])


def test_two_columns_of_one_name(write):
    path = write("f.csv", "source,target,Target\n1,2,3\n")
    with pytest.raises(DataError, match=r"columns 'target' and 'Target' both read as 'target'; rename or remove"):
        read_tables([f"follows={path}"])
    path = write("g.csv", "source,target,source\n1,2,3\n")
    with pytest.raises(DataError, match=r"both read as 'source'"):
        read_tables([path])
    path = write("c.csv", "id,clv,city,city\n1,2,a,b\n")
    with pytest.raises(DataError, match=r"columns 'city' and 'city' both read as 'city'"):
        read_tables([path])
    # What nobody reads may be there as often as it likes.
    path = write("h.csv", "source,target,x,x,City,city\n1,2,3,4,5,6\n")
    assert read_tables([path]).follows.rows() == [(1, 2)]


def test_what_was_understood_is_told(write):
    path = write("f.csv", "follower,target,colour\n1,2,red\n")
    assert read_tables([path]).notes == (f"{path}: taken for follows; 'follower' as source; not used: 'colour'",)


@pytest.mark.parametrize("role", ROLES)
def test_no_column_stands_for_two_fields(role):
    spellings = [spelling for field in SCHEMA[role] for spelling in field.spellings]
    assert len(spellings) == len(set(spellings))
