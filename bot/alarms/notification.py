"""What someone's monitoring posted, free of Slack JSON.

The Slack edge flattens a message (text, blocks, attachments) into this; the readers in `formats/` know nothing
else. Text is already unescaped (`&amp;` is `&`) and `<url|label>` has become `label`, with the pair kept in `links`.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Link(BaseModel):
    """One hyperlink of a notification."""

    model_config = ConfigDict(frozen=True)

    label: str
    url: str


class Section(BaseModel):
    """One attachment, or all blocks that stand outside attachments, in reading order."""

    model_config = ConfigDict(frozen=True)

    title: str = ""
    title_link: str = ""
    pretext: str = ""
    text: str = ""
    fallback: str = ""
    footer: str = ""
    author: str = ""
    color: str = ""
    at: datetime | None = None
    """The time the sender put on the attachment (`ts`), when it did (aware, UTC)."""
    fields: dict[str, str] = Field(default_factory=dict)
    """Field title to value, in the order posted."""


class Notification(BaseModel):
    """A monitoring post: who sent it, what it says, what it links to."""

    model_config = ConfigDict(frozen=True)

    sender: str = ""
    """Display name of the posting app or webhook (`bot_profile.name`, else `username`)."""
    app_id: str = ""
    bot_id: str = ""
    text: str = ""
    """The message's own text, possibly empty: most senders put everything into sections."""
    sections: tuple[Section, ...] = ()
    links: tuple[Link, ...] = ()
    posted_at: datetime
    """When it was posted (aware, UTC)."""
    edited_at: datetime | None = None
    """When it was last edited, for senders that edit one post from firing to resolved (aware, UTC)."""

    @property
    def full_text(self) -> str:
        """Everything a person would read, one line per piece, nothing twice."""
        pieces = [self.text]
        for section in self.sections:
            pieces += [section.pretext, section.author, section.title, section.text]
            pieces += [f"{name}: {value}" for name, value in section.fields.items()]
            if not (section.title or section.text or section.fields):
                pieces.append(section.fallback)
            pieces.append(section.footer)
        return "\n".join(dict.fromkeys(piece.strip() for piece in pieces if piece.strip()))
