"""The server of the tools, by the official SDK of the Model Context Protocol."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import anyio.to_thread
import mcp.types as types
from mcp.server.lowlevel import Server

import xlrotation
from xlrotation.errors import RotationError
from xlrotation.fronts.assistant.declared import INSTRUCTIONS, TOOLS, checked
from xlrotation.fronts.assistant.worker import Refused, Worker

_READING = types.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def build(worker: Worker) -> Server[Any]:
    """The server, whatever it is reached through."""

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(
            tools=[
                types.Tool(
                    name=tool.name,
                    title=tool.title,
                    description=tool.description,
                    input_schema=tool.schema,
                    annotations=_READING,
                )
                for tool in TOOLS.values()
            ]
        )

    async def call_tool(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        return await _called(worker, params.name, params.arguments or {})

    return Server(
        "xlrotation",
        version=xlrotation.__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _called(worker: Worker, name: str, given: Mapping[str, Any]) -> types.CallToolResult:
    given_up = threading.Event()
    try:
        arguments = checked(name, given)
        answer = await anyio.to_thread.run_sync(worker.ask, name, arguments, given_up, abandon_on_cancel=True)
    except (RotationError, Refused) as error:
        return types.CallToolResult(content=[types.TextContent(type="text", text=str(error))], is_error=True)
    finally:
        given_up.set()
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], structured_content=answer, is_error=False
    )
