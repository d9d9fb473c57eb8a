"""订阅提醒 by e-mail: ask, confirm, end. A letter links to a page with a button: mail scanners open links."""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy import select
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal import clock
from portal.domain import alerts, policy
from portal.extensions import begin_write, csrf, db
from portal.models.bureau import Bureau
from portal.models.words import AlertPace, AlertTopic, Tier
from portal.public.forms import PublicForm
from portal.web.access import settings
from portal.web.pages import attempt, go, page, typed

bp = Blueprint("alerts", __name__, url_prefix="/alerts")
PACES = [SelectChoice(pace.value, pace.label) for pace in AlertPace]
PROVINCE = "430000"


class PaceForm(PublicForm):
    """How soon to hear."""

    pace = RadioField(
        "多久发一次",
        choices=PACES,
        default=AlertPace.DAILY.value,
        validators=[InputRequired("请选择多久发一次")],
    )


class AlertForm(PaceForm):
    """What to hear of, and where to. One of the fields that carry a topic's name is shown and read."""

    bureau = SelectField("部门", validate_choice=False)
    project = StringField("项目编号", validators=[Length(max=60, message="项目编号太长")])
    company = StringField("统一社会信用代码", validators=[Length(max=60, message="统一社会信用代码太长")])
    word = StringField("关键词", validators=[Length(max=60, message="关键词太长")])
    address = StringField(
        "邮箱", validators=[InputRequired("请填写邮箱"), Length(max=254, message="邮箱地址太长，请核对")]
    )


@bp.get("")
def new() -> Response:
    """Ask what to hear of and where to; ?topic=project&key=… fills in what the visitor comes from."""
    topic = _topic(request.args.get("topic"))
    return _form(AlertForm(data={topic.value: typed(request.args.get("key"))}), topic)


@bp.post("")
@csrf.exempt  # see PublicForm
def create() -> Response:
    """Queue the letter that asks for confirmation."""
    form, topic = AlertForm(), _topic(request.form.get("topic"))
    if not form.validate():
        return _form(form, topic, form.status)
    begin_write()
    asked = attempt(form, lambda: _subscribe(form, topic))
    return _form(form, topic, form.status) if asked is None else go("public.alerts.asked")


@bp.get("/asked")
def asked() -> Response:
    """What happens next; the same for everyone, so that nobody learns who is subscribed."""
    hours, letters = policy.values(clock.today(), "alerts.confirm_hours", "alerts.letters_per_day")
    return page("public/alerts/asked.html", hours=hours, letters=letters)


@bp.get("/<token>")
def show(token: str) -> Response:
    """The subscription a letter belongs to, with the buttons that confirm, change or end it."""
    subscription = alerts.find(token)
    form = PaceForm(data={"pace": subscription.pace.value})
    return page("public/alerts/show.html", subscription=subscription, token=token, form=form)


@bp.post("/<token>/confirmation")
@csrf.exempt  # the token in the address is the secret
def confirm(token: str) -> Response:
    """The owner of the address says yes, and how often."""
    form = PaceForm()
    if not form.validate():
        return page("public/alerts/show.html", subscription=alerts.find(token), token=token, form=form, status=422)
    begin_write()
    alerts.confirm(token, AlertPace(form.pace.data), now=clock.now())
    db.session.commit()
    return go("public.alerts.show", token=token)


@bp.get("/<token>/unsubscription")
def ending(token: str) -> Response:
    """Where a mail program leads that cannot post: the same page, with its button."""
    return go("public.alerts.show", token=token)


@bp.post("/<token>/unsubscription")
@csrf.exempt  # one click in a mail program (RFC 8058): it has no form of ours
def unsubscribe(token: str) -> Response:
    """End it at once, whatever else was sent; again and again the same answer."""
    begin_write()
    alerts.unsubscribe(token)
    db.session.commit()
    return page("public/alerts/ended.html")


def _subscribe(form: AlertForm, topic: AlertTopic) -> bool:
    wanted = alerts.wish(topic, form[topic.value].data or "")
    alerts.subscribe(wanted, form.address.data, AlertPace(form.pace.data), now=clock.now())
    return True


def _topic(said: str | None) -> AlertTopic:
    return AlertTopic(said) if said in set(AlertTopic) else AlertTopic.BUREAU


def _form(form: AlertForm, topic: AlertTopic, status: int = 200) -> Response:
    form.bureau.choices = [SelectChoice(PROVINCE, "全省"), *_bureaus()]
    ready = bool(settings().smtp_url and settings().site_url)
    return page("public/alerts/new.html", form=form, topic=topic, topics=list(AlertTopic), ready=ready, status=status)


def _bureaus() -> list[SelectChoice]:
    """Each first-level bureau, followed by the counties below it."""
    query = select(Bureau.id, Bureau.code, Bureau.area_name, Bureau.tier, Bureau.parent_id).order_by(Bureau.sort)
    found = db.session.execute(query).all()
    return [
        SelectChoice(each.code, each.area_name if each is city else f"　{each.area_name}")
        for city in found
        if city.tier is Tier.CITY
        for each in (city, *(county for county in found if county.parent_id == city.id))
    ]
