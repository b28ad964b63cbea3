"""Spanish is judged by rules alone: what they must see in its context, in sentences that no rule holds as an example."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from monitor.core.drift import assess
from monitor.core.model import Kind
from monitor.library.load import Library

LIBRARY = Library(Path(str(files("monitor.training"))) / "studies", {})
SURE = 0.8


def flagged(text: str, study_id: str = "keio-ips-sci") -> dict[str, float]:
    """The drift types that are flagged in a Spanish post, each with how sure the rule is."""
    study = LIBRARY.study(study_id)
    flags = assess("", text, study, LIBRARY.ruleset(study_id), kind=Kind.POST, lang="es").flags
    return {str(flag.drift): flag.confidence for flag in flags}


@pytest.mark.parametrize(
    ("text", "drift"),
    [
        ("Un tetrapléjico volvió a andar en Tokio.", "overstated-outcome"),
        ("El lesionado camina sin muletas por su barrio.", "overstated-outcome"),
        ("El joven recobró la movilidad en pocas semanas.", "overstated-outcome"),
        ("Todos los operados han mejorado.", "overstated-outcome"),
        ("El implante repara la médula y devuelve las fuerzas.", "causal-overclaim"),
        ("Los cirujanos hicieron que el hombre se levantara.", "causal-overclaim"),
        ("La eficacia del trasplante ha sido confirmada.", "inflated-certainty"),
        ("Dentro de poco la terapia se ofrecerá en los hospitales.", "availability"),
        ("Las inyecciones carecen de riesgos.", "safety-overclaim"),
        ("Los resultados demuestran que el injerto es inocuo.", "safety-overclaim"),
        ("Los injertos formaron nuevas conexiones.", "mechanism-error"),
        ("El artículo apareció en la revista Cell.", "status-error"),
        ("El anciano ya no usa silla de ruedas.", "overstated-outcome"),
        ("Casi todos los intervenidos se recuperaron.", "overstated-outcome"),
        ("La fuerza que ganó es fruto del trasplante.", "causal-overclaim"),
        ("No cabe duda de que el trasplante cura.", "inflated-certainty"),
        ("La paraplejia ha dejado de ser irreversible.", "overstated-outcome"),
        ("Los nervios cortados volvieron a crecer.", "mechanism-error"),
        ("Ningún otro medicamento ha logrado tanto.", "cherry-picking"),
        ("Nadie tuvo complicaciones.", "safety-overclaim"),
        ("La terapia sirve para cualquier parálisis.", "population-generalisation"),
        ("Japón autorizó la venta del producto.", "status-error"),
        ("El más joven pasea por el parque con su nieta.", "overstated-outcome"),
        ("En primavera el tercer paciente estará andando.", "overstated-outcome"),
        ("El implante ha curado la lesión medular, según los cirujanos.", "overstated-outcome"),
        ("los cientificos nipones reconectaron la medula", "causal-overclaim"),
        ("la paralisis ya no es una condena", "overstated-outcome"),
        ("Los cuatro voluntarios subieron un grado en la escala.", "overstated-outcome"),
        ("El 80 % de los operados mejoraron.", "number-error"),
        ("Recibieron 20 millones de células.", "number-error"),
        ("Se han inscrito ya cientos de miles de personas.", "availability"),
        ("Los médicos confían en que pronto se aplique la terapia a los que no andan.", "availability"),
        ("El trasplante estará al alcance de cualquier lesionado.", "availability"),
        ("Servirá para cualquier paciente.", "population-generalisation"),
    ],
)
def test_a_claim_in_its_frame_is_sure(text: str, drift: str):
    assert flagged(text).get(drift, 0) >= SURE


@pytest.mark.parametrize(
    "text",
    [
        "Ningún operado camina sin muletas.",  # negated
        "La mitad de los operados mejoraron.",  # the right share
        "Dos de cada cuatro operados mejoraron.",
        "Recibieron dos millones de celulas.",  # the right dose
        "La fisioterapeuta pasea por el parque.",  # nobody of the study
        "El plan de la terapia fue aprobado por el gobierno de Japón.",
        "El camino del paciente es largo.",  # no "caminó" without its accent
        "Los médicos esperan que el ensayo llegue a los hospitales el próximo año.",
        "Quizá el implante repara la médula.",  # hedged
        "El grupo sueña con que el hombre vuelva a andar.",  # aim
        "¿Volvió a andar el tetrapléjico?",  # question
        "Antes de la caída el joven corría y caminaba solo.",  # before
        "En ratas, el implante repara la médula.",  # elsewhere
        "Otro equipo asegura que su terapia devuelve la movilidad.",  # another team
        "Es un bulo que el trasplante cura la paraplejia.",  # refuted
        "No es verdad que el tetrapléjico volvió a andar.",  # refuted
        "La web de una clínica promete que su terapia carece de riesgos.",  # refuted
        "La ciudad estudia si la terapia génica devuelve la fuerza.",  # another treatment
        "El Gobierno aprobó el uso de fondos para la terapia con iPS.",
        "Una foto manipulada muestra que el joven camina de nuevo.",  # refuted
        "El hombre, operado hace un año, recuperó parte de la movilidad.",
        "La estimulación eléctrica hizo que un hombre caminara.",  # another study
        "Todos los operados recibieron el alta y se recuperaron de la cirugía.",
        "Un paciente practica la marcha entre dos barras.",
        "Dos de los cuatro operados han mejorado.",
        "Los autores querían averiguar si la inyección tiene riesgos.",
        "No hubo complicaciones graves en doce meses.",
        "Ni el tratamiento está aprobado ni el artículo ha salido en una revista.",
    ],
)
def test_its_context_keeps_it_quiet(text: str):
    assert flagged(text) == {}


def test_a_guard_ends_with_its_clause():
    assert "overstated-outcome" in flagged("El joven no habla, pero camina sin muletas.")


@pytest.mark.parametrize(
    "text",
    [
        "El fármaco pasó la fase 2 con doscientas personas.",
        "Participaron treinta pacientes con alzhéimer.",
        "Uno de cada cinco tuvo inflamación en el cerebro.",
    ],
)
def test_what_is_wrong_of_keio_alone_is_not_wrong_of_another_study(text: str):
    assert flagged(text, "denvimab-alzheimer") == {}
