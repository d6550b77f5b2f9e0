"""The value types that only tickets use."""

from typing import Literal

from gerance.incidents.values import (
    BasicAddress,
    CallerType,
    ContactToCallback,
    NonEmptyString,
    Value,
)
from gerance.kernel.wire import SafeUUID

StillOnSite = Literal["Yes", "No", "NotAsked", "ProviderRefuseToReply", "NA"]


class ClaimNumber(Value):
    callCenterClaimNumber: str | None = None
    clientClaimNumber: str | None = None


class TicketInfos(Value):
    """What is known of an incident when its ticket is opened."""

    caller: CallerType
    claimNumber: ClaimNumber
    address: BasicAddress
    request: str
    callPurposeLabel: str
    altCallPurpose: dict[str, list[str]]
    additionalData: dict[str, str | None]
    contactToCallback: ContactToCallback | None = None
    instructions: str | None = None
    callPurposeUid: SafeUUID | None = None

    def __post_init__(self) -> None:
        for name in [name for name, text in self.additionalData.items() if text is None]:
            del self.additionalData[name]


class LogTrial(Value):
    trialLabel: str
    trialCode: str | None = None


class FieldsToCorrect(Value):
    request: str | None = None
    instructions: str | None = None
    closingReport: str | None = None


class EmailsForNotificationFor(Value):
    assigneeEmail: NonEmptyString
    otherRecipients: list[NonEmptyString]


class RecourseChanged(Value, tag_field="providerAssignationPurposeType", tag="RecourseChanged"):
    comment: str | None = None


class Purpose(Value, tag_field="providerAssignationPurposeType", tag="Purpose"):
    purpose: str


ProviderAssignationPurpose = RecourseChanged | Purpose


class PatrimonyUserAccessControl(Value, tag_field="accessControlType", tag="PatrimonyUser"):
    """Of the users of the patrimony, only those who fit may see the ticket."""

    accessGrantTo: Literal["TicketCaller"]


AccessControl = PatrimonyUserAccessControl


class CriterionValue(Value):
    uid: SafeUUID
    value: str


class CriterionChoice(Value):
    criterionUid: SafeUUID
    criterionLabel: str
    choice: CriterionValue


class ContextualComment(Value):
    uid: SafeUUID
    title: str
    comment: str
