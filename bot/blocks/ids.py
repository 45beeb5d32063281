"""The identifiers by which Slack's answers find their way back; part of the contract."""

from enum import StrEnum

COMMAND = "/reset-2fa"
VALUE = "value"
"""The `action_id` of every input: a block has one, so the block's id tells them apart."""


class ActionId(StrEnum):
    RESET_YES = "reset_yes"
    RESET_NO = "reset_no"
    OPEN_SET_UP = "open_set_up"
    RESET_REPORT = "reset_report"
    SHOW_SET_UP_CODE = "show_set_up_code"


class BlockId(StrEnum):
    SUBSCRIBER = "subscriber"
    ACCOUNT = "account"
    PROOF = "proof"
    REASON = "reason"
    TICKET = "ticket"
    CODE = "code"


class CallbackId(StrEnum):
    RESET_PICK = "reset_pick"
    RESET_VERIFY = "reset_verify"
    RESET_REPORT_CONFIRM = "reset_report_confirm"
