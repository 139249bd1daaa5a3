"""AWS's refusals, and the ways not to reach it, as sentences that say what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastmcp.exceptions import ToolError

from tocsin_mcp.kit import errors
from tocsin_mcp.kit.environment import MissingSetting
from tocsin_mcp.kit.output import clip, plain

CREDENTIALS, REGION, ADDRESS = "AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_ENDPOINT_URL"
_LONGEST_REASON = 300
_AS_CONFIGURED = "This is a matter of the server's configuration; calling again will not help."
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_BAD_CREDENTIALS = frozenset(
    {
        *("UnrecognizedClientException", "InvalidClientTokenId", "SignatureDoesNotMatch"),
        *("ExpiredToken", "ExpiredTokenException", "InvalidSignatureException"),
        *("IncompleteSignature", "MissingAuthenticationToken", "AuthFailure"),
    }
)
_TOO_MUCH = frozenset(
    {
        *("Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded"),
        *("TooManyRequestsException", "LimitExceededException"),
    }
)
_MISSING = frozenset({"ResourceNotFound", "ResourceNotFoundException"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of AWS: `service` as IAM calls it, `operation` as the API does, `host` that answers."""

    service: str
    operation: str
    host: str

    @property
    def action(self) -> str:
        """The action that an IAM policy must allow: `logs:FilterLogEvents`."""
        return f"{self.service}:{self.operation}"


def misconfigured(error: Exception, library: Any) -> ToolError | None:
    """The text for settings that make no client, or for credentials that are not there; None for another error.

    `library` is botocore.exceptions.
    """
    if isinstance(error, library.NoRegionError):
        return MissingSetting(
            f"{REGION} is not set: it names the region whose alarms, metrics and logs are read. {_AS_CONFIGURED}"
        )
    if isinstance(error, (library.NoCredentialsError, library.PartialCredentialsError)):
        return MissingSetting(
            "No AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run "
            f"with a role. {_AS_CONFIGURED}"
        )
    if isinstance(error, (library.ProfileNotFound, library.ConfigNotFound, ValueError)):
        reason = clip(plain(str(error)), _LONGEST_REASON)
        return MissingSetting(f"The AWS configuration cannot be used: {reason}. {_AS_CONFIGURED}")
    return None


def unanswered(error: Exception, library: Any, asked: Asked, seconds: float) -> ToolError:
    """The text for an error of the library itself (botocore.exceptions.BotoCoreError): no answer, or no request."""
    known = misconfigured(error, library)
    if known:
        return known
    if isinstance(error, (library.ConnectTimeoutError, library.EndpointConnectionError)):
        return errors.unreachable("AWS", asked.host, ADDRESS)
    if isinstance(error, library.ReadTimeoutError):
        return errors.timed_out("AWS", asked.host, seconds)
    if isinstance(error, library.ParamValidationError):
        return errors.Unavailable(f"AWS cannot be asked this: {clip(plain(str(error)), 300)}")
    return errors.Unavailable(
        f"The connection to AWS at {asked.host} broke ({type(error).__name__}). Try once more, or go on without it."
    )


def refused(response: Any, asked: Asked) -> ToolError:
    """The text for an answer that is an error (botocore's ClientError.response)."""
    code = str(response.get("Error", {}).get("Code", ""))
    reason = clip(plain(str(response.get("Error", {}).get("Message", ""))), _LONGEST_REASON)
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _DENIED:
        return errors.Unavailable(
            f"AWS refused: the policy of these credentials must allow {asked.action} ({reason}). "
            "Go on without it and say that this could not be checked."
        )
    if code in _BAD_CREDENTIALS:
        return errors.Unavailable(
            f"AWS does not accept the credentials ({code}). {CREDENTIALS} or what stands for it is wrong or has "
            "expired; calling again will not help."
        )
    if code in _TOO_MUCH:
        return errors.rate_limited(f"AWS ({asked.action}: {reason or code})", None)
    if code in _MISSING:
        return errors.NotFound(f"{reason or code} (asked for by {asked.action}).")
    if status >= 500 or not code:
        return errors.Unavailable(
            f"{asked.host} failed ({status}) when asked for {asked.operation}. AWS may be down, or what answers there "
            "does not implement it. Go on without it and say that this could not be checked."
        )
    return errors.Unavailable(f"AWS refused {asked.operation}: {reason} ({code}).")
