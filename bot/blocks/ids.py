"""The identifiers by which Slack's answers find their way back; part of the contract."""

from enum import StrEnum

COMMAND = "/reset-2fa"
VALUE = "value"
"""The `action_id` of every input: a block has one, so the block's id tells them apart."""

IN_STATUS = "status:"
"""Begins the `block_id` of buttons in an answer to `status`, which is replaced by what they do."""


class ActionId(StrEnum):
    RESET_YES = "reset_yes"
    RESET_NO = "reset_no"
    OPEN_SET_UP = "open_set_up"
    RESET_REPORT = "reset_report"
    SHOW_SET_UP_CODE = "show_set_up_code"
    CASE_REMIND = "case_remind"
    CASE_TAKE_OVER = "case_take_over"
    CASE_CANCEL = "case_cancel"
    CASE_DETAILS = "case_details"
    REQUEST_ASK = "request_ask"
    REQUEST_TAKE = "request_take"
    REQUEST_WITHDRAW = "request_withdraw"
    HOME_ACCOUNT = "home_account"
    HOME_SEARCH = "home_search"
    HOME_ALL = "home_all"
    HOME_PREVIOUS = "home_previous"
    HOME_NEXT = "home_next"
    HOME_RESET = "home_reset"


class BlockId(StrEnum):
    SUBSCRIBER = "subscriber"
    CONTACT = "contact"
    ACCOUNT = "account"
    PROOF = "proof"
    REASON = "reason"
    TICKET = "ticket"
    CODE = "code"
    SIGN_IN = "sign_in"


class CallbackId(StrEnum):
    RESET_PICK = "reset_pick"
    RESET_VERIFY = "reset_verify"
    HAND_OVER_PICK = "hand_over_pick"
    HAND_OVER_VERIFY = "hand_over_verify"
    RESET_REPORT_CONFIRM = "reset_report_confirm"
    REQUEST_RESET = "request_reset"


class ShortcutId(StrEnum):
    RESET_MESSAGE = "reset_message"
    RESET_GLOBAL = "reset_global"
