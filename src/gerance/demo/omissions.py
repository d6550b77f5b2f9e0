"""Commands of the incident API that do not occur in the demonstration, each with the reason."""

from collections.abc import Mapping

_CREATED_ONCE = "The demonstration creates its records in their final state."
_QUALIFICATION = "The demonstration's call centres qualify incidents by their purpose."

OMISSIONS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "IdentifyCompany",
            "UpdateCallCenter",
            "UpdateClientAccountHolding",
            "UpdateClientAccount",
            "UpdateAgency",
            "DisableUser",
            "UpdateUser",
            "UpdateLogin",
            "UpdatePatrimony",
            "AssociatePatrimonyInAgency",
            "AssociateProviderContactToAgency",
            "DissociateProviderContactFromAgency",
            "AssociateProviderContactWithPatrimony",
            "DissociateProviderContactFromPatrimony",
            "DissociatePatrimonyFromAgency",
            "AddComplementaryAddressToPatrimony",
            "RemoveComplementaryAddressFromPatrimony",
            "AddAddressToLot",
            "RemoveAddressFromLot",
            "UpdateLotReference",
            "UpdateLotNumber",
            "UpdateLotUsage",
            "DeleteLot",
            "LinkPatrimonyContactWithUser",
            "UpdateProviderContact",
            "DisableProviderContact",
            "EnableProviderContact",
        ),
        _CREATED_ONCE,
    ),
    **dict.fromkeys(
        (
            "QualifyTicketByCriteria",
            "ApplyWorkflowToTicket",
            "DisplayContextualCommentOnTicket",
        ),
        _QUALIFICATION,
    ),
    "DefineInstructionsForAssignee": "IdentifyAssignee gives the instructions.",
    "RequestNotificationForInterventionAccepted": "AcceptIntervention requests the notification.",
    "LinkTicketToSimplifiedRequest": "OpenTicket links the request.",
}
