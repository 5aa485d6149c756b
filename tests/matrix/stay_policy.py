"""The rules of stays a second time, row by row."""


def supports(who, stay, side: str = "home") -> bool:
    return stay.state != "draft" and not who.is_(stay.applicant_id) and who.speaks(getattr(stay, f"{side}_id"))


def agrees(who, stay) -> bool:
    return supports(who, stay, "host")


def approves(who, stay) -> bool:
    bound = who.is_(stay.applicant_id) or who.acts(stay.home_id) or who.acts(stay.host_id)
    return who.secretariat and stay.state != "draft" and not bound


def sees_stay(who, stay) -> bool:
    return who.is_(stay.applicant_id) or supports(who, stay) or agrees(who, stay) or approves(who, stay)


def does_task(who, task) -> bool:
    if task.owner == "scientist":
        return who.is_(task.stay.applicant_id)
    return who.speaks(task.stay.home_id if task.owner == "home" else task.stay.host_id)


STAY_POLICY = {
    "exchanges.write_stay": lambda who, row: who.is_(row.applicant_id),
    "exchanges.support_stay": supports,
    "exchanges.agree_stay": agrees,
    "exchanges.approve_stay": approves,
    "exchanges.view_stay": sees_stay,
    **{
        f"exchanges.view_{name}": lambda who, row: sees_stay(who, row.stay)
        for name in ("stayact", "staytask", "invitationletter")
    },
    "exchanges.view_stayreport": lambda who, row: (
        who.is_(row.stay.applicant_id) or (row.submitted_at is not None and sees_stay(who, row.stay))
    ),
    "exchanges.do_staytask": does_task,
}
