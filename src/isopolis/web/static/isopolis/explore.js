// The map that can be moved about. Everything it says stands in the list of all zones too, so the page is
// whole without it. Texts go into the page as text, never as HTML.
"use strict";
(function () {
  const box = document.getElementById("map");
  const told = document.getElementById("map-status");
  const has = JSON.parse(box.dataset.settings);

  function ready(how) { document.body.dataset.ready = how; }

  function fail() {
    box.hidden = true;
    document.getElementById("map-needs").hidden = true;
    told.textContent = has.words.failed;
    ready("failed");
  }

  async function get(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) { throw new Error(String(answer.status)); }
    return answer.json();
  }

  function joined(shapes, values) {
    for (const shape of shapes.features) {
      const row = values.rows[shape.id];
      shape.properties.zone = shape.id;
      shape.properties.colour = row ? values.colours[row[0]] : values.nodata;
      shape.properties.text = row ? row[1] : has.words.nodata;
    }
    return shapes;
  }

  function style() {
    const made = {
      version: 8, sources: {},
      layers: [{ id: "paper", type: "background", paint: { "background-color": "#f3f6f8" } }],
    };
    const under = has.background;
    if (!under) { return made; }
    made.sources.city = {
      type: under.vector ? "vector" : "raster", tiles: [window.location.origin + under.tiles],
      minzoom: under.minzoom, maxzoom: under.maxzoom,
    };
    if (!under.vector) {
      made.sources.city.tileSize = 256;
      made.layers.push({ id: "city", type: "raster", source: "city" });
    }
    under.layers.forEach((name, n) => {
      if (!under.vector) { return; }
      made.layers.push({
        id: "area-" + n, type: "fill", source: "city", "source-layer": name, filter: ["==", "$type", "Polygon"],
        paint: { "fill-color": "#dfe5ea", "fill-outline-color": "#b9c3cc" },
      }, {
        id: "line-" + n, type: "line", source: "city", "source-layer": name, filter: ["==", "$type", "LineString"],
        paint: { "line-color": "#9aa5af", "line-width": 1 },
      });
    });
    return made;
  }

  function addZones(map, shapes) {
    map.addSource("zones", { type: "geojson", data: shapes });
    map.addLayer({
      id: "zones", type: "fill", source: "zones",
      paint: { "fill-color": ["get", "colour"], "fill-opacity": has.background ? 0.65 : 0.9 },
    });
    map.addLayer({
      id: "borders", type: "line", source: "zones", paint: { "line-color": "#57606a", "line-width": 0.8 },
    });
    map.addLayer({
      id: "chosen", type: "line", source: "zones", filter: ["==", ["get", "zone"], -1],
      paint: { "line-color": "#b34700", "line-width": 4 },
    });
  }

  function card(properties) {
    const node = document.createElement("div");
    const name = document.createElement("strong");
    const text = document.createElement("p");
    const link = document.createElement("a");
    name.textContent = properties.name;
    text.textContent = properties.text;
    link.textContent = has.words.open;
    link.href = has.zones + properties.zone + "/";
    node.dir = "auto";
    node.append(name, text, link);
    return node;
  }

  function box_of(shape) {
    const around = new maplibregl.LngLatBounds();
    const walk = (item) => (typeof item[0] === "number" ? around.extend(item) : item.forEach(walk));
    walk(shape.geometry.coordinates);
    return around;
  }

  function begin(shapes) {
    document.getElementById("map-needs").hidden = true;
    box.hidden = false;
    const map = new maplibregl.Map({
      container: box, style: style(), bounds: has.bounds, fitBoundsOptions: { padding: 20 },
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
      locale: has.words, maxZoom: 18, fadeDuration: 0,
    });
    let popup = null;
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), has.rtl ? "top-left" : "top-right");

    function open(properties, at) {
      if (popup) { popup.remove(); }
      map.setFilter("chosen", ["==", ["get", "zone"], properties.zone]);
      popup = new maplibregl.Popup({ maxWidth: "18rem" }).setLngLat(at).setDOMContent(card(properties));
      popup.addTo(map);
    }
    function middle() {
      return map.queryRenderedFeatures(map.project(map.getCenter()), { layers: ["zones"] })[0];
    }

    map.on("load", () => {
      addZones(map, shapes);
      const first = shapes.features.find((shape) => shape.id === has.zone);
      if (first) {
        const around = box_of(first);
        map.fitBounds(around, { padding: 80, maxZoom: 15, animate: false });
        open(first.properties, around.getCenter());
      }
      map.once("idle", () => ready("yes"));
    });
    map.on("click", "zones", (event) => open(event.features[0].properties, event.lngLat));
    map.on("moveend", () => {
      const here = map.getLayer("zones") && document.activeElement === map.getCanvas() && middle();
      told.textContent = here ? here.properties.name + ": " + here.properties.text : "";
    });
    map.getCanvas().addEventListener("keydown", (event) => {
      const here = event.key === "Enter" && map.getLayer("zones") && middle();
      if (here) { open(here.properties, map.getCenter()); }
    });
  }

  if (!window.maplibregl) { fail(); return; }
  Promise.all([get(has.outlines), get(has.values)])
    .then(([shapes, values]) => begin(joined(shapes, values)))
    .catch(fail);
})();
