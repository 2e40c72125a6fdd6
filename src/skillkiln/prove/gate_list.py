"""Which gates a candidate passes through, in which rounds: the whole programme on one page.

The stages write, typecheck and lint come first because they cost milliseconds and name a line; only
what passed them is run. First it shows that it ends and keeps still; a skill that hangs would make
every later gate wait as well. Within a round gates run side by side.
"""

from collections.abc import Mapping

from skillkiln.prove.gates.capabilities import CapabilitiesGate
from skillkiln.prove.gates.contract import ContractGate
from skillkiln.prove.gates.dependencies import DependenciesGate
from skillkiln.prove.gates.determinism import DeterminismGate
from skillkiln.prove.gates.documentation import DocumentationGate
from skillkiln.prove.gates.duplicate import DuplicateGate, Rival
from skillkiln.prove.gates.files import FilesGate
from skillkiln.prove.gates.limits import LimitsGate
from skillkiln.prove.gates.mutants import MutantsGate
from skillkiln.prove.gates.output_schema import OutputSchemaGate
from skillkiln.prove.gates.own_tests import OwnTestsGate
from skillkiln.prove.gates.review_tests import ReviewTestsGate
from skillkiln.prove.gates.sealed_cases import SealedCasesGate
from skillkiln.prove.gates.security import SecurityGate
from skillkiln.prove.gates.side_effects import SideEffectsGate
from skillkiln.prove.gates.structure import StructureGate
from skillkiln.prove.gates.style import StyleGate
from skillkiln.prove.gates.suppressions import SuppressionsGate
from skillkiln.prove.gates.syntax import SyntaxGate
from skillkiln.prove.gates.types import TypesGate
from skillkiln.prove.gates.visible_cases import VisibleCasesGate
from skillkiln.prove.interface import Rounds


def build_gates(
    *, rivals: tuple[Rival, ...] = (), type_cache: Mapping[str, bytes] | None = None
) -> Rounds:
    """Return all gates for a code skill.

    Args:
        rivals: releases that may meet the need already.
        type_cache: what the gate `types` may start from.
    """
    return (
        (FilesGate(),),
        (SyntaxGate(),),
        (DependenciesGate(), ContractGate()),
        (
            CapabilitiesGate(),
            ReviewTestsGate(),
            SuppressionsGate(),
            StructureGate(),
            DocumentationGate(),
            TypesGate(type_cache),
            StyleGate(),
            SecurityGate(),
        ),
        (
            LimitsGate(),
            SideEffectsGate(),
        ),
        (
            OutputSchemaGate(),
            DeterminismGate(),
            VisibleCasesGate(),
            SealedCasesGate(),
            DuplicateGate(rivals),
            OwnTestsGate(),
            MutantsGate(),
        ),
    )
